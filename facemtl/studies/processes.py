"""The processes of a study's runs, one each."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import BinaryIO

# Elsewhere, libraries of the system may not work in a forked process.
FORKS = sys.platform == "linux"
SERVER = (sys.executable, "-m", "facemtl.studies.server")


class RunProcesses:
    """Starts a process for each run of a study or search.

    On Linux, a server imports TensorFlow once, and is forked for each run
    (`facemtl.studies.server`). Elsewhere, each process imports it. A process
    has its own memory, log and exit status, and ends with this process.

    Use it in a `with` block, which ends the server.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._servers: list[_Server] = []  # The last one is in use.

    def __enter__(self) -> "RunProcesses":
        return self

    def __exit__(self, *_: object) -> None:
        for server in self._servers:
            server.end()

    def prepare(self) -> None:
        """Start the server, which imports TensorFlow while others work."""
        if FORKS:
            with self._lock:
                self._started()

    def run(self, words: Sequence[str], log: BinaryIO) -> int:
        """Train a run; return its exit status, negative for a signal.

        Args:
            words: arguments of `facemtl.studies.worker`.
            log: a file for what the process prints.
        """
        return self._forked(words, log) if FORKS else _new(words, log)

    def _forked(self, words: Sequence[str], log: BinaryIO) -> int:
        ours, theirs = socket.socketpair()
        with ours:
            with self._lock, theirs:
                server = self._started()
                ours.sendall(f"{json.dumps(words)}\n".encode())
                server.fork(theirs, log)
            status = b""
            with suppress(ConnectionError):
                status = ours.recv(16)
        return int(status) if status else server.failed(log)

    def _started(self) -> "_Server":
        """Return a server that runs."""
        last = self._servers[-1:]
        if not last or last[0].process.poll() is not None:
            self._servers.append(_Server())
        return self._servers[-1]


def start_server(requests: int, said: BinaryIO) -> subprocess.Popen[bytes]:
    """Start a server; `requests` is its standard input, `said` its output."""
    return subprocess.Popen(SERVER, stdin=requests, stdout=said, stderr=said)


class _Server:
    """The process that is forked."""

    def __init__(self) -> None:
        self.control, theirs = socket.socketpair()
        self.said = tempfile.TemporaryFile()  # noqa: SIM115
        with theirs:
            self.process = start_server(theirs.fileno(), self.said)

    def fork(self, given: socket.socket, log: BinaryIO) -> None:
        """Ask for a process with this standard input and log."""
        files = [given.fileno(), log.fileno()]
        with suppress(ConnectionError):  # It has ended; see `failed`.
            socket.send_fds(self.control, [b"+"], files)

    def failed(self, log: BinaryIO) -> int:
        """Log the last words of a server that has ended; return its status."""
        status = self.process.wait()
        log.write(os.pread(self.said.fileno(), 2**20, 0))
        return status or 1

    def end(self) -> None:
        """End the server. A process that it forked goes on."""
        self.process.kill()
        self.process.wait()
        self.control.close()
        self.said.close()


def _new(words: Sequence[str], log: BinaryIO) -> int:
    """Train a run in a process that imports TensorFlow itself."""
    command = [sys.executable, "-m", "facemtl.studies.worker", *words]
    # The worker ends when its pipe closes.
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=log, stderr=log
    ) as process:
        return process.wait()
