"""Commands in processes that have TensorFlow loaded already.

A test that starts `python -m facemtl …` waits seconds for TensorFlow to load.
Here one process a session loads it, runs no operation with it, and is forked
for each command, which is still a process with a status and streams of its own.
So is the server of the runs of a study or search forked from its command.
Tests of what such a process shares start Python themselves: of imports, of
variables that Python or TensorFlow reads at its start, of how streams come to
it, of the random numbers and the order of sets that differ between processes.
"""

import atexit
import gc
import json
import os
import resource
import runpy
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import import_module
from multiprocessing import popen_fork
from pathlib import Path
from types import ModuleType
from typing import Any, BinaryIO

from drawn import keep_drawn

from facemtl.process import cli
from facemtl.studies import processes, server

# What commands load, of which no import runs an operation of TensorFlow.
LOADED = ("facemtl.export.formats", "facemtl.training.runs", "keras_tuner")
SECONDS = 600  # that a command may take


def run(
    command: Sequence[Any],
    cwd: str | Path = ".",
    env: Mapping[str, str] = os.environ,
    kilobytes: int | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a command of Python as `subprocess.run` does; capture its text.

    It has no standard input.

    Args:
        command: `[sys.executable, "-m", module, *words]`, `-c` and code, or a
            script.
        cwd: its folder.
        env: its environment variables.
        kilobytes: that a file which it writes may have.
    """
    python, *words = map(str, command)
    assert python == sys.executable
    with tempfile.TemporaryDirectory(prefix="forked_") as folder:
        files = [f"{folder}/stdout", f"{folder}/stderr"]
        given = words, str(Path(cwd).resolve()), dict(env), files, kilobytes
        server = _server()
        print(json.dumps(given), file=server.stdin, flush=True)
        status = int(server.stdout.readline())
        out, err = (Path(file).read_text("utf-8") for file in files)
    return subprocess.CompletedProcess(list(command), status, out, err)


@cache
def _server() -> Any:
    """Start the process that is forked; it ends with this one."""
    server = subprocess.Popen(
        [sys.executable, __file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parent.parent,
    )
    atexit.register(server.communicate)
    return server


def _serve() -> list[Any]:
    """Fork at each line; return in a process that is to be a command."""
    for line in sys.stdin:
        process = os.fork()
        if not process:
            return json.loads(line)
        _, status = os.waitpid(process, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)
    sys.exit()


def _become(
    words: list[str],
    cwd: str,
    env: dict[str, str],
    files: list[str],
    kilobytes: int | None,
) -> None:
    """Run the command, and end as Python does."""
    signal.alarm(SECONDS)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    for number, file in enumerate((os.devnull, *files)):
        opened = os.open(file, os.O_RDWR | os.O_CREAT)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = os.fdopen(0, closefd=False)
    sys.stdout = os.fdopen(1, "w", closefd=False)
    escaped = "backslashreplace"
    sys.stderr = os.fdopen(2, "w", 1, errors=escaped, closefd=False)
    if kilobytes is not None:
        limit = kilobytes * 1024
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    processes.start_server = _start_server
    _end(lambda: _execute(*words))


def _end(command: Callable[[], Any]) -> None:
    """Run a command, and end this process as Python does."""
    status: Any = 0
    try:
        command()
    except SystemExit as end:
        status = end.code or 0
        assert isinstance(status, int), status
    except BaseException:
        sys.excepthook(*sys.exc_info())
        status = 1
    for thread in threading.enumerate():
        if not thread.daemon and thread is not threading.current_thread():
            thread.join()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        if stream and not stream.closed:
            stream.flush()
    # To free all that TensorFlow has loaded would take a second.
    os._exit(status)


START_SERVER = processes.start_server


def _start_server(requests: int, said: BinaryIO) -> Any:
    """Fork the server of a study's or search's runs, unless threads run.

    Those of gRPC, with which workers of a search talk to their chief, do not
    survive in a forked process.
    """
    alone = len([*Path("/proc/self/task").iterdir()]) == 1
    return (_ForkedServer if alone else START_SERVER)(requests, said)


class _ForkedServer(popen_fork.Popen):
    """A server that has TensorFlow, too."""

    def __init__(self, requests: int, said: BinaryIO) -> None:
        self.returncode = None
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        self.pid = os.fork()
        if self.pid:
            return
        atexit._clear()  # What the command does at its end.
        for number, file in enumerate((requests, said.fileno(), said.fileno())):
            os.dup2(file, number)
        os.closerange(3, 1024)  # As in a process that Python starts.
        sys.argv = ["server"]
        _end(lambda: cli.run(server.main))


def _execute(option: str, *words: str) -> None:
    """Do what `python -m`, `python -c` and `python` with a script do."""
    if not option.startswith("-"):
        sys.argv = [option, *words]
        sys.path[0] = str(Path(option).parent)
        runpy.run_path(option, run_name="__main__")
        return
    what, *words = words
    sys.argv = [option, *words]
    if option == "-m":
        sys.path[0] = str(Path.cwd())
        runpy.run_module(what, run_name="__main__", alter_sys=True)
        return
    assert option == "-c"
    sys.path[0] = ""
    sys.modules["__main__"] = ModuleType("__main__")
    exec(what, sys.modules["__main__"].__dict__)


if __name__ == "__main__":
    cli.load_tensorflow()
    for name in LOADED:
        import_module(name)
    keep_drawn(os.environ["SHARED_BY_TESTS"])  # as conftest.py sets it
    # What nobody frees is not copied.
    gc.freeze()
    _become(*_serve())
