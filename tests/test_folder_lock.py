"""One process at a time writes into a folder; a killed one locks nothing."""

import errno
import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import forked
import pytest

import facemtl
from facemtl.errors import InputError
from facemtl.files.lock import NAME, held, locked

SETTINGS = ("data.source=synthetic", "data.faces=64", "model.width=0.25")
HOLD = """
import sys, time
from pathlib import Path
from facemtl.files.lock import locked
with locked(Path(sys.argv[1])):
    print("locked", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that keeps `tmp_path / "run"` locked."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "run")],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "locked\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def facemtl_command(*words):
    return [sys.executable, "-m", "facemtl", *map(str, words)]


def fit(folder, *more):
    sets = [word for setting in SETTINGS for word in ("--set", setting)]
    return facemtl_command("fit", *sets, "--out", folder, *more)


COMMANDS = {
    "fit": ("fit", "--data", "synthetic", "--out"),
    "compare": ("compare", "variants", "--data", "synthetic", "--out"),
    "tune": ("tune", "--data", "synthetic", "--out"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
def test_the_second_command_ends_at_once_in_one_line(name, tmp_path, holder):
    folder = tmp_path / "run"
    done = forked.run(facemtl_command(*COMMANDS[name], folder), tmp_path)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: Expected one process at a time in ")
    assert str(folder) in line
    assert f"process {holder.pid} is writing there" in line
    assert {path.name for path in folder.iterdir()} == {
        NAME,
        f"{NAME}-process",
    }


@pytest.mark.slow
def test_train_and_export_refuse_a_folder_in_use(tmp_path, holder):
    from facemtl.export.formats import export_network
    from facemtl.models import FaceNetwork
    from facemtl.tasks import MTFL_TASKS

    config = facemtl.load_config("split", settings=SETTINGS)
    with pytest.raises(InputError, match=f"process {holder.pid} is writing"):
        facemtl.train(config, tmp_path / "run", verbose=0)
    FaceNetwork(MTFL_TASKS, width=0.1).save(tmp_path / "model.keras")
    with pytest.raises(InputError, match=f"process {holder.pid} is writing"):
        export_network(tmp_path / "model.keras", tmp_path / "run", verbose=0)
    assert len(list((tmp_path / "run").iterdir())) == 2  # the lock's


@pytest.mark.slow
def test_two_fits_do_not_mix_and_a_killed_one_locks_nothing(tmp_path):
    folder = tmp_path / "run"
    first = subprocess.Popen(
        fit(folder, "--epochs", 60), stdout=subprocess.DEVNULL
    )
    while not (folder / "state.npz").is_file():
        assert first.poll() is None
        time.sleep(0.05)
    more = ("--epochs", 60, "--resume")
    second = forked.run(fit(folder, *more))
    assert (second.returncode, second.stdout) == (2, "")
    assert f"process {first.pid} is writing there" in second.stderr
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert (folder / NAME).exists()
    third = subprocess.Popen(fit(folder, *more), stdout=subprocess.PIPE)
    assert b"Run folder" in third.stdout.readline()
    third.kill()
    third.communicate()


def test_threads_of_one_process_keep_each_other_out(tmp_path):
    said = []

    def second():
        try:
            with locked(tmp_path):
                said.append("in")
        except InputError as error:
            said.append(str(error))

    with locked(tmp_path):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
    assert f"process {os.getpid()} (this one) is writing" in said[0]
    second()
    assert said[1] == "in"
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_a_killed_process_left_is_no_lock(tmp_path):
    (tmp_path / NAME).touch()
    (tmp_path / f"{NAME}-process").write_text("1 elsewhere")
    with locked(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_stays_empty_is_not_left(tmp_path):
    with pytest.raises(ValueError, match="invalid"), locked(tmp_path / "a"):
        raise ValueError("invalid")
    assert list(tmp_path.iterdir()) == []


def test_one_may_wait_for_the_other(tmp_path, holder):
    folder, got = tmp_path / "run", threading.Event()

    def wait():
        with locked(folder, wait=True):
            got.set()

    thread = threading.Thread(target=wait)
    thread.start()
    assert not got.wait(0.3)
    holder.kill()
    assert got.wait(10)
    thread.join()


def test_the_machine_of_another_process_is_named(tmp_path):
    with held(tmp_path / NAME, tmp_path):
        (tmp_path / f"{NAME}-process").write_text("7 far.example")
        with (
            pytest.raises(InputError, match=r"process 7 of far\.example is"),
            locked(tmp_path),
        ):
            pass


@pytest.mark.parametrize("code", ["ENOLCK", "EOPNOTSUPP"])
def test_a_file_system_without_locks_is_reported(code, tmp_path, monkeypatch):
    def none(*_):
        raise OSError(getattr(errno, code), "no locks")

    monkeypatch.setattr(fcntl, "flock", none)
    with (
        pytest.warns(UserWarning, match="on a file system without locks"),
        locked(tmp_path / "run"),
    ):
        (tmp_path / "run/file").touch()
    assert Path(tmp_path / "run/file").is_file()


def test_what_else_the_system_refuses_is_an_error(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"), locked(tmp_path / "file/run"):
        pass
