"""How commands are killed at random moments, and what must hold then."""

import json
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "results/kills"
# It begins to write after 0.2 s, changes a file ten times, and starts another
# process, which would go on for a minute.
PROGRAM = """import subprocess, sys, time
from pathlib import Path
child = [sys.executable, "-c", "import time; time.sleep(60)"]
if "alone" not in sys.argv:
    subprocess.Popen(child)
time.sleep(0.2)
for i in range(10):
    Path("out/file").write_text("x" * i)
    time.sleep(0.05)
"""


@pytest.fixture
def moments(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    import kill_moments

    return kill_moments


@pytest.fixture
def started(tmp_path):
    """Starts the program in a process group of its own."""
    (tmp_path / "out").mkdir()

    def start(*words):
        return subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *words],
            cwd=tmp_path,
            start_new_session=True,
        )

    return start


def test_an_unbroken_command_gives_its_pace(moments, started, tmp_path):
    pace = moments.watch(started("alone"), tmp_path / "out")
    assert 0.2 <= pace.begun < pace.seconds
    assert pace.seconds >= pace.begun + 0.4
    assert 1 <= pace.changes <= 20


@pytest.mark.parametrize("kind, number", [("start", 0.0), ("file", 3.0)])
def test_a_command_is_killed_at_its_moment(
    moments, started, tmp_path, kind, number
):
    process = started("alone")
    moment = moments.Moment(kind, number, group=False)
    pace = moments.watch(process, tmp_path / "out", moment)
    assert process.returncode == -signal.SIGKILL
    assert pace.changes == (0 if kind == "start" else number)


def test_what_a_killed_command_has_started_is_looked_for(
    moments, started, tmp_path, monkeypatch
):
    monkeypatch.setattr(moments, "PATIENCE", 0.3)
    alone, group = (
        moments.Moment("file", 1.0, group=whole) for whole in (False, True)
    )
    process = started()
    moments.watch(process, tmp_path / "out", alone)
    assert not moments.ends_soon(process.pid)
    moments.os.killpg(process.pid, signal.SIGKILL)
    assert moments.ends_soon(process.pid)
    process = started()
    moments.watch(process, tmp_path / "out", group)
    assert moments.ends_soon(process.pid)


def test_moments_are_spread_over_the_work(moments):
    pace = moments.Pace(begun=8.0, seconds=10.0, changes=7)
    rng = random.Random(0)
    drawn = [moments.any_moment(pace, rng) for _ in range(600)]
    numbers = {
        kind: [x.number for x in drawn if x.kind == kind]
        for kind in moments.KINDS
    }
    assert 60 < len(numbers["start"]) < 140
    assert 250 < len(numbers["work"]) < 350
    assert max(numbers["start"]) <= 8 and max(numbers["work"]) <= 2
    assert set(numbers["file"]) == set(range(1, 8))
    assert 250 < sum(x.group for x in drawn) < 350


def test_the_committed_results_hold(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    from kill_cases import CASES
    from kills import table

    results = json.loads((RESULTS / "kills.json").read_text("utf-8"))
    assert (RESULTS / "kills.md").read_text("utf-8") == table(results)
    assert results["commands"]
    assert set(results["commands"]) == set(CASES)
    for case in results["commands"].values():
        assert case["faults"] == []
        assert case["survived"] == case["kills"] > 0
        assert set(case["moments"]) == {"start", "work", "file"}


def test_what_is_half_written_or_locked_is_found(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    from kill_results import check_left

    (tmp_path / "model.keras").touch()
    check_left(tmp_path)
    for name in (".part-1@here-a.json", "faces.json.part", ".lock"):
        left = tmp_path / name
        left.touch()
        with pytest.raises(AssertionError, match="left"):
            check_left(tmp_path)
        left.unlink()
