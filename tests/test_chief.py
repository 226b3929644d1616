"""A chief and its workers: one that dies loses nothing but its trial."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from search_case import FakeTraining, arguments

from facemtl.errors import InputError
from facemtl.tuning import chief as chief_module
from facemtl.tuning import tuner as tuner_module
from facemtl.tuning.chief import LocalWorkers, free_address, serve
from facemtl.tuning.oracles import build_oracle
from facemtl.tuning.results import read_trials
from facemtl.tuning.roles import search_as_worker
from facemtl.tuning.space import load_space
from facemtl.tuning.tuner import SearchTuner


@pytest.fixture
def worker(monkeypatch):
    """Makes the next tuner of this process a worker of a chief."""

    def become(name: str, address: tuple[str, int]) -> None:
        monkeypatch.setenv("KERASTUNER_TUNER_ID", name)
        monkeypatch.setenv("KERASTUNER_ORACLE_IP", address[0])
        monkeypatch.setenv("KERASTUNER_ORACLE_PORT", str(address[1]))

    return become


def chief(args, monkeypatch):
    """The oracle of a chief; its files are made."""
    space = load_space(args.space)
    oracle = build_oracle(args.tuner, space, args.max_trials, args.seed)
    SearchTuner(oracle, space, args.objective, {}, Path(args.out))
    return oracle, space


def in_thread(*arguments):
    """Serve in a thread; what it raised is in the list."""
    raised = []

    def run() -> None:
        try:
            serve(*arguments)
        except InputError as error:
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, raised


@pytest.mark.slow
def test_a_lost_worker_loses_only_its_trial(tmp_path, monkeypatch, worker):
    monkeypatch.setattr(chief_module, "LOST", 1.0)
    args = arguments(tmp_path, "--max-trials", "13")
    oracle, space = chief(args, monkeypatch)
    address = free_address()
    thread, raised = in_thread(oracle, address, 60.0)
    # The first worker takes a trial and is never heard of again.
    worker("worker0", address)
    silent = SearchTuner(oracle, space, args.objective, {}, Path(args.out))
    lost = silent.oracle.create_trial("worker0")
    worker("worker1", address)
    fake = FakeTraining()
    monkeypatch.setattr(tuner_module, "train_in_process", fake)
    search_as_worker(args)
    thread.join(60)
    assert not thread.is_alive()
    assert not raised
    trials = read_trials(Path(args.out) / "trials", space)
    assert len(trials) == 13
    assert {trial["status"] for trial in trials} == {"COMPLETED"}
    assert len(fake.configs) == 13
    assert lost.trial_id in {trial["id"] for trial in trials}


@pytest.mark.slow
def test_a_worker_shows_that_it_lives(tmp_path, monkeypatch, worker):
    monkeypatch.setattr(chief_module, "LOST", 1.0)
    monkeypatch.setattr(tuner_module, "BEAT", 0.2)
    args = arguments(tmp_path, "--max-trials", "2")
    oracle, _ = chief(args, monkeypatch)
    address = free_address()
    thread, raised = in_thread(oracle, address, 60.0)
    worker("worker0", address)
    fake = FakeTraining()

    def slow(*given, **named) -> str:
        time.sleep(2.5)
        return fake(*given, **named)

    monkeypatch.setattr(tuner_module, "train_in_process", slow)
    search_as_worker(args)
    thread.join(60)
    assert not raised
    assert len(fake.configs) == 2  # none was given to anybody again


def test_a_trial_that_loses_every_worker_fails(tmp_path, monkeypatch):
    args = arguments(tmp_path, "--max-trials", "2", "--tuner", "random")
    oracle, space = chief(args, monkeypatch)
    for i in range(3):
        trial = oracle.create_trial(f"worker{i}")
        assert trial.trial_id == "0"
        oracle.give_up(f"worker{i}")
    assert oracle.create_trial("worker3").trial_id == "1"
    first = read_trials(Path(args.out) / "trials", space)[0]
    assert first["status"] == "FAILED"
    assert first["error"] == "its worker was lost 3 times"


@pytest.mark.slow
@pytest.mark.parametrize("told", [False, True])
def test_a_worker_without_input_ends_with_its_parent_only_if_told(told):
    """As under nohup, where standard input is at its end from the start."""
    words = ["--ends-with-parent"] * told
    code = (
        "import time; from facemtl.tuning import roles, search\n"
        "roles.search_as_worker = lambda args: time.sleep(1) or print('ran')\n"
        f"raise SystemExit(search.main({words}))"
    )
    own = {
        "KERASTUNER_TUNER_ID": "worker0",
        "KERASTUNER_ORACLE_IP": "127.0.0.1",
        "KERASTUNER_ORACLE_PORT": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | own,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert (done.stdout, done.returncode) == (("", 1) if told else ("ran\n", 0))


def test_a_chief_without_workers_ends(tmp_path, monkeypatch):
    args = arguments(tmp_path)
    oracle, _ = chief(args, monkeypatch)
    with pytest.raises(InputError, match="Expected workers"):
        serve(oracle, free_address(), 0.2)


@pytest.mark.slow
def test_workers_that_die_are_started_again_a_few_times(tmp_path, monkeypatch):
    args = arguments(tmp_path)
    oracle, _ = chief(args, monkeypatch)
    address = free_address()
    wrong = ["--no-such-argument"]
    workers = LocalWorkers(1, wrong, address, tmp_path / "workers")
    with pytest.raises(InputError, match="all are gone"):
        serve(oracle, address, 60.0, workers)
    said = (tmp_path / "workers" / "worker0.log").read_text()
    assert said.count("unrecognized arguments: --no-such-argument") == 4
