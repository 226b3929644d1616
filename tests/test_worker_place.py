"""A worker whose chief is not there says so, and ends with status 1."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import forked
import grpc
import pytest
from search_case import QUICK, SPACE

from facemtl.tuning.chief import free_address
from facemtl.tuning.place import (
    ChiefError,
    Place,
    check_free,
    read_place,
    what_is_there,
)
from facemtl.tuning.search import main

UNSET = "unset KERASTUNER_TUNER_ID KERASTUNER_ORACLE_IP KERASTUNER_ORACLE_PORT."
VARIABLES = UNSET.removesuffix(".").split()[1:]
# Stands for training, so that only the search itself is here.
TRAINS = """
import time
from facemtl.process.cli import load_tensorflow, run
load_tensorflow()
from facemtl.tuning import search, tuner
tuner.BEAT = 0.5
def trains(*given, **named):
    print("training", flush=True)
    time.sleep(600)
tuner.train_in_process = trains
run(search.main)
"""


@pytest.fixture(autouse=True)
def _no_place(monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


def environment(name, address):
    values = (name, *map(str, address))
    return dict(zip(VARIABLES, values, strict=True))


@pytest.mark.parametrize(
    "given",
    [
        {"KERASTUNER_TUNER_ID": "worker0"},
        {"KERASTUNER_TUNER_ID": "chief"},
        {"KERASTUNER_ORACLE_IP": "127.0.0.1"},
        {"KERASTUNER_ORACLE_PORT": "8000"},
        {"KERASTUNER_ORACLE_IP": "::1", "KERASTUNER_ORACLE_PORT": "8000"},
        {"KERASTUNER_TUNER_ID": "chief", "KERASTUNER_ORACLE_IP": "127.0.0.1"},
        environment("", ("127.0.0.1", 8000)),
        environment("worker0", ("127.0.0.1", "")),
    ],
    ids=lambda given: " ".join(f"{k[11:]}={v}" for k, v in given.items()),
)
def test_half_a_place_is_refused_before_tensorflow(monkeypatch, capsys, given):
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("facemtl.tuning.search.load_tensorflow", pytest.fail)
    assert main(["--data", "synthetic"]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("error: Expected KERASTUNER_TUNER_ID, ")
    assert printed.err.endswith(f"To search in this process alone: {UNSET}\n")
    for name, value in given.items():
        assert f"{name}={value!r}" in printed.err
    assert printed.err.count("\n") == 1


@pytest.mark.parametrize("port", ["x", "0", "65536", "-1", "8000.0", "٣"])
def test_a_port_is_a_number(monkeypatch, capsys, port):
    for name, value in environment("chief", ("127.0.0.1", port)).items():
        monkeypatch.setenv(name, value)
    assert main(["--data", "synthetic"]) == 1
    assert f"from 1 to 65535. Received: '{port}'." in capsys.readouterr().err


def test_without_variables_there_is_no_place():
    assert read_place() is None


def test_a_whole_place(monkeypatch):
    for name, value in environment("chief", ("host", 8000)).items():
        monkeypatch.setenv(name, value)
    assert read_place() == Place("chief", "host", 8000)
    assert read_place().is_chief
    assert not Place("worker0", "host", 8000).is_chief


def test_a_chief_needs_an_address_of_its_own(tmp_path, monkeypatch, capsys):
    """Checked before any photo is read; two chiefs may not share one."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = taken.getsockname()
        for name, value in environment("chief", address).items():
            monkeypatch.setenv(name, value)
        words = ["--data", "synthetic", "--out", str(tmp_path / "out")]
        assert main(words) == 1
    assert "Address already in use" in capsys.readouterr().err
    with pytest.raises(ChiefError, match="Cannot assign requested address"):
        check_free(Place("chief", "192.0.2.1", 8000))
    with pytest.raises(ChiefError, match=": no such name"):
        check_free(Place("chief", "nobody.invalid", 8000))
    check_free(Place("chief", *free_address()))


@contextmanager
def nobody():
    yield free_address()


@contextmanager
def no_such_name():
    yield "nobody.invalid", 8000


@contextmanager
def silence():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()


@contextmanager
def web_server():
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        server.RequestHandlerClass.log_message = lambda *_: None
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address
        server.shutdown()
        thread.join()


@contextmanager
def other_service():
    from concurrent.futures import ThreadPoolExecutor

    server = grpc.server(ThreadPoolExecutor(1))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield "127.0.0.1", port
    server.stop(None)


def worker(folder, address, *more, code="", wait=3):
    """Its command, folder and environment variables."""
    (folder / "space.toml").write_text(QUICK)
    start = ["-c", code] if code else ["-m", "facemtl", "tune"]
    words = ["--data", "synthetic", "--space", "space.toml", "--out", "out"]
    words += ["--tuner", "random", "--wait", str(wait / 60), *more]
    variables = os.environ | environment("worker0", address)
    return [sys.executable, *start, *words], folder, variables


def start_worker(*given, **named):
    command, folder, variables = worker(*given, **named)
    return subprocess.Popen(
        command,
        cwd=folder,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "there, said",
    [
        (nobody, "connection refused"),
        (no_such_name, "no machine of that name"),
        (silence, "something listens there, but is no chief that answers"),
        (web_server, "something listens there, but is no chief that answers"),
        (other_service, "UNIMPLEMENTED"),
    ],
)
def test_a_worker_without_a_chief(tmp_path, there, said):
    """All of it within 3 s of waiting, and some to start."""
    with there() as address:
        done = forked.run(*worker(tmp_path, address))
    assert done.returncode == 1
    place = f"{address[0]}:{address[1]}"
    first, *waiting = done.stdout.splitlines()
    assert first.startswith(f"worker0 of the search whose chief is at {place}")
    assert first.endswith(UNSET)
    if there is not other_service:
        (line,) = waiting
        start = f"Waiting for the chief at {place}: {said}. "
        assert line in (f"{start}1 of 3 s left.", f"{start}0 of 3 s left.")
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"error: Expected the chief of worker0 at {place}.")
    assert said in line
    assert line.endswith(UNSET)
    assert not (tmp_path / "out" / "report.html").exists()


@contextmanager
def running_chief(folder, *more):
    """The command itself, as on another machine; ends by SIGKILL."""
    address = free_address()
    (folder / "space.toml").write_text(QUICK)
    words = ["--data", "synthetic", "--space", "space.toml", "--out", "out"]
    words += ["--tuner", "random", "--max-trials", "1", "--confirm", "0"]
    chief = subprocess.Popen(
        [sys.executable, "-m", "facemtl", "tune", *words, *more],
        cwd=folder,
        env=os.environ | environment("chief", address),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield chief, address
    finally:
        chief.kill()
        chief.communicate()


@pytest.mark.slow
def test_a_chief_that_dies_while_a_worker_trains(tmp_path):
    with running_chief(tmp_path) as (chief, address):
        # The first one waits until the chief is up, the second one for 9 s.
        for wait in (300, 9):
            started = start_worker(tmp_path, address, code=TRAINS, wait=wait)
            while started.stdout.readline() != "training\n":
                assert started.poll() is None
            if wait > 9:
                started.kill()
                started.communicate()
        killed = time.monotonic()
        chief.kill()
        out, err = started.communicate(timeout=300)
    assert time.monotonic() - killed < 100
    assert started.returncode == 1
    assert "Waiting for the chief at " in out
    assert len(err.splitlines()) == 1, err
    line = err.strip()
    assert line.startswith("error: Expected the chief of worker0 at ")
    assert "connection refused" in line
    # It was not told as a trial that failed.
    assert not list(tmp_path.glob("out/trials/*/error.txt"))


@pytest.mark.slow
def test_a_chief_that_ended_as_it_should(tmp_path):
    """Its last worker ends with it; one that comes later finds nobody."""
    with running_chief(tmp_path, "--workers", "2") as (chief, address):
        words = worker(tmp_path, address, "--budget", "9", wait=300)
        last = forked.run(*words)
        said, wrong = chief.communicate(timeout=300)
    assert (last.returncode, last.stderr) == (0, "")
    alone = "worker0: --budget: the chief's alone, of no effect"
    assert last.stdout.startswith(alone)
    assert last.stdout.endswith("The chief has no more trials.\n")
    assert (chief.returncode, wrong) == (0, "")
    assert said.startswith("chief: --workers: each worker's alone, of no eff")
    assert f"Workers are awaited at {address[0]}:{address[1]}.\n" in said
    late = forked.run(*worker(tmp_path, address))
    assert late.returncode == 1
    assert "Its search may be over" in late.stderr


@pytest.mark.slow
def test_a_worker_of_another_search_is_refused(tmp_path):
    with running_chief(tmp_path) as (_, address):
        for more, said in (
            (["--seed", "1"], "--seed (0). Received: 1."),
            (["--tuner", "grid"], "--tuner (random). Received: grid."),
        ):
            done = forked.run(*worker(tmp_path, address, *more, wait=300))
            assert done.returncode == 2
            line = f"error: Expected worker0 with the chief's {said}\n"
            assert done.stderr == line
            assert "The chief has no more trials." not in done.stdout


def test_searches_are_compared_by_what_they_search(tmp_path):
    from search_case import arguments

    from facemtl.tuning.agreement import disagreement, header, search_words
    from facemtl.tuning.roles import _trial_config
    from facemtl.tuning.space import load_space

    def words(*given, space=SPACE):
        args = arguments(tmp_path, *given, space=space)
        return search_words(args, _trial_config(args, load_space(args.space)))

    own = words()
    assert disagreement(own, dict(header(words("--budget", "3"))), "w") == ""
    more = SPACE.replace("high = 1.0", "high = 0.9")
    told = disagreement(own, dict(header(words(space=more))), "w")
    assert told.startswith("Expected w with the chief's --space (content ")
    fewer = SPACE.replace("data.faces = 20", "data.faces = 21")
    other = words(space=fewer)
    assert other["--data"] != own["--data"]
    older = {**own, "version of facemtl": "0"}
    assert "of facemtl" in disagreement(own, dict(header(older)), "w")
    # A worker of KerasTuner's own says nothing of its search.
    assert "Received: none." in disagreement(own, {}, "w")
    assert disagreement({}, {}, "w") == ""
    assert json.loads(header(own)[0][1]) == own


def test_what_is_there():
    assert what_is_there(Place("w", *free_address())) == "connection refused"
