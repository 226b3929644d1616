"""Run the notebooks as Colab does: in new environments, without the checkout.

    python benchmarks/installed_notebooks.py --python python3.12

Each notebook of `docs/notebooks` runs unchanged in a folder of its own. Its
first cell installs facemtl from the address that it names; git takes a clone
of this checkout's last commit instead (`url.….insteadOf`), since Colab and
that address may be out of reach. Settings: `empty` has Jupyter alone; `colab`,
for the first Python, has `colab.txt`, and the kernel has imported NumPy, as
Colab's has. Further `--python` run `empty`. It needs a package index, 8 GB of
disk and half an hour.
"""

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from notebook_cells import code_cells, installed_by, told

from facemtl.errors import InputError, RunFailed
from facemtl.files.destinations import check_file
from facemtl.files.writing import write_json, write_whole
from facemtl.markdown import table
from facemtl.process.cli import run

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs/notebooks"
COMMAND = "python benchmarks/installed_notebooks.py"
OUT = Path(__file__).with_suffix(".json")
# What is in the clone, or runs beside it.
CLONED = ("facemtl", "tuning", "export", "setup.py", "docs/notebooks")
JUPYTER = ("ipykernel", "nbconvert")
SETTINGS = {
    "empty": JUPYTER,
    "colab": ("-r", str(Path(__file__).with_name("colab.txt"))),
}
# What Colab's kernel has imported before the first cell.
STARTED = "import numpy, PIL, matplotlib\n"
EXECUTE = (
    *("-m", "nbconvert", "--execute", "--to", "notebook", "--allow-errors"),
    *("--ExecutePreprocessor.timeout=1200", "--output", "done.ipynb"),
)
OURS = re.compile(
    r"^(PYTHON|PIP_COMPILE|KERAS|TF_|FACEMTL|JUPYTER|MPL|VIRTUAL)"
)
NAMED = (
    *("facemtl", "ai-edge-litert", "keras", "keras-tuner", "matplotlib"),
    *("numpy", "onnx", "onnxruntime", "opencv-python-headless", "protobuf"),
    *("scikit-learn", "tensorboard", "tensorflow"),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run each notebook in each setting; write JSON and Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--python", metavar="PATH", action="append", help="an interpreter"
    )
    parser.add_argument(
        "--out",
        default=str(OUT),
        metavar="JSON",
        help="result; the table is written beside it as .md",
    )
    args = parser.parse_args(argv)
    file = check_file(args.out, "--out")
    check_committed()
    pythons = args.python or [sys.executable]
    named = [f"python{version(x).rpartition('.')[0]}" for x in pythons]
    result: dict[str, Any] = {
        "command": " ".join([COMMAND, *(f"--python {x}" for x in named)]),
        "commit": call("git", "-C", ROOT, "rev-parse", "--short", "HEAD"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "rows": [],
    }
    names = sorted(file.stem for file in FOLDER.glob("*.ipynb"))
    for python, setting in planned(pythons):
        with TemporaryDirectory(prefix="notebooks_") as folder:
            base = made(python, setting, Path(folder))
            of = {"python": version(python)}
            for name in names:
                with copied(base) as env:
                    row = {**of, "setting": setting, **ran(env, name, setting)}
                print(row, flush=True)
                result["rows"].append(row)
    write_json(result, file)
    write_whole(page(result), file.with_suffix(".md"))
    return 0


def check_committed() -> None:
    """Check that a clone has what this checkout has."""
    changed = call("git", "-C", ROOT, "status", "--porcelain", "--", *CLONED)
    if changed:
        raise InputError(
            "Expected a checkout whose changes are committed: what is "
            f"installed is a clone. Received: {len(changed.splitlines())} "
            "changed files."
        )


def version(python: str) -> str:
    """Return the version of an interpreter."""
    return call(python, "--version").split()[1]


def planned(pythons: Sequence[str]) -> list[tuple[str, str]]:
    """Return each interpreter with its settings; `colab` is for the first."""
    return [(pythons[0], "colab"), *((python, "empty") for python in pythons)]


def made(python: str, setting: str, folder: Path) -> Path:
    """Make the environment of a setting; it has no facemtl."""
    env = folder / "base"
    call(python, "-m", "venv", env)
    call(env / "bin/python", "-m", "pip", "install", *SETTINGS[setting])
    return env


@contextmanager
def copied(base: Path) -> Iterator[Path]:
    """Yield a copy of an environment: no notebook sees another's packages."""
    env = base.with_name("env")
    # pip replaces files, and writes into none.
    shutil.copytree(base, env, symlinks=True, copy_function=os.link)
    code = "import importlib.util as u; print(u.find_spec('facemtl'))"
    found = call(env / "bin/python", "-c", code, place=env)
    if found != "None":
        raise RunFailed(f"Expected no facemtl before. Received: {found}")
    yield env
    shutil.rmtree(env)


def ran(env: Path, name: str, setting: str) -> dict[str, Any]:
    """Run a notebook in an environment; return what came of it."""
    with TemporaryDirectory(prefix=f"{name}_") as place:
        given = Path(shutil.copy(FOLDER / f"{name}.ipynb", place))
        what, address = installed_by(given)
        if setting == "colab":
            startup = Path(place, "ipython/profile_default/startup")
            startup.mkdir(parents=True)
            (startup / "colab.py").write_text(STARTED)
        more = {"IPYTHONDIR": f"{place}/ipython", **instead(address)}
        row = {"notebook": name, "install": what}
        try:
            call(env / "bin/python", *EXECUTE, given, place=place, more=more)
        except RunFailed as error:  # The kernel died, or a cell did not end.
            return {**row, "error": str(error)}
        row |= told(code_cells(Path(place, "done.ipynb")))
    return {**row, "versions": versions_of(env)}


def instead(address: str) -> dict[str, str]:
    """Return variables by which git clones this checkout for an address."""
    return {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{ROOT.as_uri()}.insteadOf",
        "GIT_CONFIG_VALUE_0": address,
    }


def versions_of(env: Path) -> dict[str, str]:
    """Return the versions of packages after a notebook."""
    pip = (env / "bin/python", "-m", "pip", "list", "--format", "json")
    found = {x["name"].lower(): x["version"] for x in json.loads(call(*pip))}
    return {x: found[x] for x in NAMED if x in found}


def page(result: dict[str, Any]) -> str:
    """Return the result in Markdown."""
    heads = (
        *("Python", "environment", "notebook", "installs", "it takes, s"),
        *("other cells, s", "result"),
    )
    rows = [
        (
            *(row["python"], row["setting"], row["notebook"]),
            f"`{row['install']}`",
            *(str(row.get(f"{x}_seconds", "–")) for x in ("install", "run")),
            row["error"] or "passed",
        )
        for row in result["rows"]
    ]
    named = {x for row in result["rows"] for x in row.get("conflicts", ())}
    return (
        "The notebooks where facemtl is not installed: seconds of the first "
        f"cell,\nwhich installs it, and of all others; {result['machine']}, "
        f"commit {result['commit']}.\n\nCommand: `{result['command']}`.\n\n"
        f"{table(heads, rows)}\n\n`empty` has Jupyter alone, `colab` "
        "[what Colab has](colab.txt). Of this, pip\nnames those packages that "
        "are for an older TensorFlow or protobuf than facemtl\ninstalls, and "
        f"that no notebook uses: {', '.join(sorted(named)) or 'none'}.\n"
    )


def call(
    *words: object,
    place: str | Path | None = None,
    more: dict[str, str] | None = None,
) -> str:
    """Run a program without this checkout; return what it printed."""
    env = {k: v for k, v in os.environ.items() if not OURS.match(k)}
    command = [str(word) for word in words]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        cwd=place,
        env=env | (more or {}),
    )
    if done.returncode:
        last = (done.stderr.strip() or "no words").splitlines()[-1]
        raise RunFailed(f"Expected {command[0]} to succeed. Received: {last}")
    return done.stdout.strip()


if __name__ == "__main__":
    run(main)
