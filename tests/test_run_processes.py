"""The processes of runs: forked or not, each has what is its own."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from facemtl.studies import processes
from facemtl.studies.processes import RunProcesses

ROOT = Path(__file__).parent.parent
# A server without TensorFlow, whose processes run code.
SERVER = """
import os, sys, time
from facemtl.process.cli import run
from facemtl.studies import server, worker
server.load_tensorflow, server.LOADED = (lambda: None), ()
def main(words):
    worker.end_with_parent()
    exec(words[0])
    return 0
worker.main = main
run(server.main)
"""
WAIT = "print(os.getpid(), os.getppid(), flush=True); time.sleep(60)"
# A study that waits for a run.
STUDY = f"""
import sys
from facemtl.studies import processes
processes.SERVER = (sys.executable, "-c", {SERVER!r})
from concurrent.futures import ThreadPoolExecutor
with open("log", "ab") as log, processes.RunProcesses() as starter:
    with ThreadPoolExecutor(1) as pool:
        pool.submit(starter.run, [{WAIT!r}], log).result()
"""


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run code in a process of a server; return its status and its log."""
    server = (sys.executable, "-c", SERVER)
    monkeypatch.setattr(processes, "SERVER", server)
    with RunProcesses() as starter:

        def call(code, name="log"):
            file = tmp_path / name
            with file.open("ab") as log:
                status = starter.run([code], log)
            return status, file.read_text()

        call.starter = starter
        yield call


def until(found):
    """Wait until a function returns something, and return it."""
    end = time.monotonic() + 60
    while not (value := found()):
        assert time.monotonic() < end
        time.sleep(0.02)
    return value


def ended(*pids):
    """Whether none of the processes runs; a zombie does not."""
    for pid in pids:
        with suppress(FileNotFoundError):
            words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2]
            if words.split()[0] != "Z":
                return False
    return True


def test_each_run_has_its_own_status_and_log(run):
    codes = [
        "print('one', os.getppid())",
        "print('two', os.getppid(), flush=True); os.kill(os.getpid(), 9)",
        "print('three', os.getppid()); sys.exit(3)",
        "from facemtl.errors import InputError; raise InputError('Expected x')",
        "open('/missing/file')",
    ]
    with ThreadPoolExecutor(5) as pool:
        found = list(pool.map(run, codes, "12345"))
    assert [status for status, _ in found] == [0, -9, 3, 2, 1]
    words = [said.split() for _, said in found]
    assert [w[0] for w in words[:3]] == ["one", "two", "three"]
    assert len({w[1] for w in words[:3]}) == 1  # the server
    assert found[3][1] == "error: Expected x\n"
    said = "error: /missing/file: No such file or directory.\n"
    assert found[4][1] == said


def test_a_server_that_is_killed_is_started_again(run):
    status, _ = run("os.kill(os.getppid(), 9)")
    assert status == -9
    assert run("print('on')", "next") == (0, "on\n")


def test_a_server_that_does_not_start_says_why(run, monkeypatch):
    code = "import sys; sys.exit('error: no memory')"
    monkeypatch.setattr(processes, "SERVER", (sys.executable, "-c", code))
    assert run("") == (1, "error: no memory\n")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_runs_and_server_end_with_the_study(number, tmp_path):
    study = subprocess.Popen(
        [sys.executable, "-c", STUDY],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    pids = until(lambda: read(tmp_path / "log"))
    if number == signal.SIGINT:
        os.killpg(study.pid, number)  # as a terminal does at Ctrl-C
    else:
        study.kill()
    study.communicate(timeout=60)
    until(lambda: ended(*pids))
    said = (tmp_path / "log").read_text().splitlines()[1:]
    assert said == ["", "Stopped."] * (number == signal.SIGINT)


def read(log):
    """The numbers that a run has written."""
    return log.read_text().split() if log.exists() else []


def test_a_study_takes_the_cores_that_it_may_use():
    code = (
        "import os; os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})\n"
        "from facemtl.compare import parser\n"
        "print(parser().parse_args(['few']).jobs)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True
    )
    assert (done.stdout, done.stderr) == ("1\n", "")
