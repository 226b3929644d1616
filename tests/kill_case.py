"""A command that is killed once and started again, by benchmarks/kills.py."""

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import forked

from facemtl.files.places import part_prefix

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


def check_killed_by_script(command: str, folder: Path) -> None:
    """Assert that it ends as one that was not killed, as the script says."""
    words = ["--kills", "1", "--only", command, "--out", folder]
    done = forked.run([sys.executable, BENCHMARKS / "kills.py", *words])
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads((folder / "kills.json").read_text())["commands"]
    case = found[command]
    assert case["faults"] == []
    assert case["kills"] == case["survived"] == 1
    assert sum(case["moments"].values()) == 1


def check_killed(case: Any, folder: Path, seed: str) -> None:
    """Assert that a case ends as one that was not killed.

    The seed is of the moment: a command's name draws that of the script.
    """
    # Of benchmarks/, a folder that tests add to Python's path.
    from kill_cases import prepare
    from kill_rounds import rounds_of, unbroken

    prepare(folder)
    rng = random.Random(f"0 {seed}")
    rounds = list(rounds_of(unbroken(folder, case), 1, rng))
    assert [one.fault for one in rounds] == [""] * len(rounds)
    assert sum(len(one.moments) for one in rounds) == 1


def leave_part(folder: Path, name: str) -> Path:
    """Write what a process leaves that is killed while it writes a file."""
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{part_prefix(gone.pid)}1-{name}"
    part.write_text("{")
    return part
