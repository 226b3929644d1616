"""Memory over long runs: how it is judged, and a short form of the script."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parent.parent
HOLD = "import time; kept = bytearray(50_000_000); time.sleep(60)"
PARENT = f"""import subprocess, sys
with subprocess.Popen([sys.executable, "-c", {HOLD!r}]):
    pass
"""


@pytest.fixture
def memory(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    import long_memory

    return long_memory


@pytest.mark.slow
def test_memory_stays_flat(tmp_path):
    script = ROOT / "benchmarks/long_runs.py"
    # The start is over long before a fifth of the time.
    words = ["--only", "predict photos", "--share", "0.03"]
    words += ["--out", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, str(script), *words], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads((tmp_path / "long_runs.json").read_text())["commands"]
    case = found["predict photos"]
    assert (case["count"], case["fault"]) == (300, "")
    assert case["mb"][-1] > 50 and case["most"] < 1000


@pytest.mark.parametrize(
    "samples, fault",
    [
        (np.full(400, 100.0), ""),
        # It loads, and is warm at 20 %.
        (np.r_[np.linspace(0, 300, 80), np.full(320, 300.0)], ""),
        # Photos of many sizes: up and down, without end.
        (np.tile([100.0, 400.0, 90.0, 250.0], 100), ""),
        (np.linspace(100, 130, 400), ""),
        (np.linspace(100, 140, 400), "30 MB more at the end than at 20 %"),
        (
            np.r_[
                np.full(100, 100), np.full(100, 50), np.linspace(50, 124, 200)
            ],
            "67 MB more in the second half",
        ),
    ],
    ids=["flat", "loads", "ups and downs", "a little", "leak", "late leak"],
)
def test_memory_is_judged_by_its_least(memory, samples, fault):
    watched = memory.Watched(0, 100.0, [float(x) for x in samples])
    assert watched.fault() == fault


def test_memory_is_that_of_a_command_and_its_children(memory, tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", PARENT], start_new_session=True
    )
    most = 0.0
    while process.poll() is None and most < 50:
        most = max(most, memory.memory(process.pid))
    assert 50 < most < 200
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert memory.memory(process.pid) == 0


def test_photos_are_of_many_kinds_and_some_invalid(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    import long_inputs

    from facemtl.errors import InputError
    from facemtl.photos.photo import as_rgb

    long_inputs.write_photos(tmp_path / "photos", 300)
    files = sorted((tmp_path / "photos").iterdir())
    assert len(files) == 300
    shapes, invalid = set(), 0
    for file in files:
        try:
            shapes.add(as_rgb(file).shape)
        except InputError:
            invalid += 1
    assert len(shapes) > 20 and 10 < invalid < 50


def test_the_committed_results_hold(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    from long_cases import CASES
    from long_runs import table

    folder = ROOT / "results/long_runs"
    results = json.loads((folder / "long_runs.json").read_text("utf-8"))
    assert (folder / "long_runs.md").read_text("utf-8") == table(results)
    assert results["commands"]
    assert set(results["commands"]) == set(CASES)
    for name, case in results["commands"].items():
        assert case["fault"] == ""
        assert case["count"] == CASES[name].count
    server = json.loads((folder / "server/result.json").read_text("utf-8"))
    memory = server["memory"]
    assert server["load"]["requests"] == 10_000
    assert server["load"]["wrong_answers"] == 0
    assert memory["last_tenth_mb"] < 1.05 * memory["first_tenth_mb"] + 20
