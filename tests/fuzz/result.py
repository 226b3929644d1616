"""The result of the fuzzers, as JSON and as Markdown."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from process import MEMORY, SECONDS, Trial

from facemtl.files.writing import write_json, write_whole
from facemtl.markdown import table
from facemtl.process.environment import machine, versions

PACKAGES = ("atheris", "numpy", "opencv-python-headless")
HEADS = ("target", "seconds", "inputs", "branches", "findings")
TEXT = f"""# Fuzzers

    python tests/fuzz/run.py --minutes 10 --out tests/fuzz

What facemtl reads, by [atheris](https://github.com/google/atheris): inputs
made from whole ones, by what they reach in facemtl's own code. A finding is
any exception but an `InputError` of one line, another reading of what was
written again, over {SECONDS} s, or over {MEMORY:,} MB;
`targets/__init__.py` says what each target holds against what. The table says
how long each ran.
"""


def write(folder: Path, trials: dict[str, Trial]) -> None:
    """Put trials into the results of a folder, which keep the others."""
    file = folder / "result.json"
    kept = json.loads(file.read_text("utf-8")) if file.exists() else {}
    targets = kept.get("targets", {})
    for name, trial in trials.items():
        targets[name] = {
            key: value
            for key, value in asdict(trial).items()
            if key != "target"
        }
    result = {
        "machine": machine(),
        "versions": versions(*PACKAGES),
        "targets": dict(sorted(targets.items())),
    }
    write_json(result, file)
    write_whole(markdown(result), folder / "result.md")


def markdown(result: dict[str, Any]) -> str:
    """A result in words.

    Args:
        result: of `result.json`.
    """
    targets = result["targets"]
    rows = [
        (
            name,
            f"{one['seconds']:.0f}",
            f"{one['inputs']:,}",
            f"{one['covered']:,}",
            str(len(one["findings"])),
        )
        for name, one in targets.items()
    ]
    used = ", ".join(f"{k} {v}" for k, v in result["versions"].items())
    lines = [TEXT, table(HEADS, rows), "", f"{result['machine']}; {used}."]
    for name, one in targets.items():
        lines += [f"- {name}: {said}" for said in one["findings"]]
    return "\n".join(lines) + "\n"
