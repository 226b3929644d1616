"""A command that is killed once and started again, by the script."""

import json
import subprocess
import sys
from pathlib import Path

from facemtl.files.places import part_prefix

ROOT = Path(__file__).parent.parent


def check_killed(command: str, folder: Path) -> None:
    """Assert that it ends as one that was not killed."""
    script = ROOT / "benchmarks/kills.py"
    words = ["--kills", "1", "--only", command, "--out", str(folder)]
    done = subprocess.run(
        [sys.executable, str(script), *words], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads((folder / "kills.json").read_text())["commands"]
    case = found[command]
    assert case["faults"] == []
    assert case["kills"] == case["survived"] == 1
    assert sum(case["moments"].values()) == 1


def leave_part(folder: Path, name: str) -> Path:
    """Write what a process leaves that is killed while it writes a file."""
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{part_prefix(gone.pid)}1-{name}"
    part.write_text("{")
    return part
