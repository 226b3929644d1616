"""Every command, killed at random moments: the short form of the script."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
COMMANDS = (
    *("fit", "compare", "tune", "export"),
    *("predict photos", "predict a video"),
)


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_a_killed_command_goes_on_to_the_same_end(command, tmp_path):
    script = ROOT / "benchmarks/kills.py"
    words = ["--kills", "2", "--only", command, "--out", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, str(script), *words], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads((tmp_path / "kills.json").read_text())["commands"]
    case = found[command]
    assert case["faults"] == []
    assert case["kills"] + case["ended before"] == 2
    assert case["survived"] == case["kills"]
