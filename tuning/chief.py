"""The chief of a search with several workers, over KerasTuner's gRPC."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent import futures
from pathlib import Path
from types import MappingProxyType
from typing import Any

import grpc

from facemtl.errors import InputError
from facemtl.tuning.agreement import disagreement
from facemtl.tuning.private import OracleServicer, add_servicer, exit_chief

LOST = 60.0  # seconds without a call until a worker counts as lost
LOOK = 0.5  # seconds between two checks
STARTS = 4  # maximum starts of a local worker
COMMAND = (sys.executable, "-m", "facemtl.tuning.search", "--ends-with-parent")


class Servicer(OracleServicer):
    """KerasTuner's servicer, which also records the last call of each worker.

    Args:
        oracle: an oracle from `build_oracle`.
        search: settings that all workers must share, from `search_words`;
            empty for workers that this process starts.
    """

    def __init__(self, oracle: Any, search: Mapping[str, str]) -> None:
        super().__init__(oracle)
        self.heard: dict[str, float] = {}
        self.search = search

    def CreateTrial(self, request: Any, context: Any) -> Any:
        """Give a trial to a worker, or record that the worker is alive."""
        sent = dict(context.invocation_metadata())
        if why := disagreement(self.search, sent, request.tuner_id):
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, why)
        self.heard[request.tuner_id] = time.monotonic()
        return super().CreateTrial(request, context)


class LocalWorkers:
    """Workers on this machine; dead ones are restarted.

    Args:
        count: number of workers.
        arguments: arguments of `facemtl.tuning.search`.
        address: host and port of the chief.
        folder: folder of the workers' logs.
    """

    def __init__(
        self,
        count: int,
        arguments: Sequence[str],
        address: tuple[str, int],
        folder: Path,
    ) -> None:
        self.arguments, self.address, self.folder = arguments, address, folder
        folder.mkdir(parents=True, exist_ok=True)
        self.starts = {f"worker{i}": 0 for i in range(count)}
        self.processes = {name: self._start(name) for name in self.starts}

    def _start(self, name: str) -> subprocess.Popen[Any]:
        self.starts[name] += 1
        host, port = self.address
        own = {
            "KERASTUNER_TUNER_ID": name,
            "KERASTUNER_ORACLE_IP": host,
            "KERASTUNER_ORACLE_PORT": str(port),
        }
        with (self.folder / f"{name}.log").open("a", encoding="utf-8") as log:
            return subprocess.Popen(
                [*COMMAND, *self.arguments],
                env=os.environ | own,
                stdin=subprocess.PIPE,  # a worker ends when its pipe closes
                stdout=log,
                stderr=log,
            )

    def restart_dead(self) -> list[str]:
        """Restart dead workers; return the names of the dead."""
        dead = [
            name
            for name, process in self.processes.items()
            if process.poll() not in (None, 0)
        ]
        for name in dead:
            _end(self.processes[name])
            if self.starts[name] < STARTS:
                self.processes[name] = self._start(name)
            else:
                del self.processes[name]
        return dead

    def alive(self) -> bool:
        """Whether any worker is running or has ended normally."""
        return bool(self.processes)

    def stop(self) -> None:
        """End all workers."""
        for process in self.processes.values():
            _end(process)


def _end(process: subprocess.Popen[Any]) -> None:
    process.kill()
    process.wait()
    if process.stdin:
        process.stdin.close()


def free_address() -> tuple[str, int]:
    """Return an unused address on this machine."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return "127.0.0.1", found.getsockname()[1]


def serve(
    oracle: Any,
    address: tuple[str, int],
    patience: float,
    workers: LocalWorkers | None = None,
    search: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Give trials to workers until the search is over.

    If a worker dies, or is silent for a minute, the next free worker takes its
    trial.

    Args:
        oracle: an oracle from `build_oracle`.
        address: host and port to listen on.
        patience: seconds without any worker after which to give up.
        workers: the local workers, if any.
        search: settings that workers elsewhere must share, from
            `search_words`.

    Raises:
        InputError: if no worker is left.
    """
    # With one thread, calls to the oracle never overlap.
    # Two chiefs must not share an address.
    alone = [("grpc.so_reuseport", 0)]
    server = grpc.server(futures.ThreadPoolExecutor(1), options=alone)
    servicer = Servicer(oracle, search)
    add_servicer(servicer, server)
    server.add_insecure_port(f"{address[0]}:{address[1]}")
    server.start()
    last = time.monotonic()
    try:
        while not (servicer.stop_triggered and exit_chief(oracle)):
            time.sleep(LOOK)
            _give_up_lost(oracle, servicer, workers)
            last = max([last, *servicer.heard.values()])
            gone = workers is not None and not workers.alive()
            if gone or time.monotonic() - last > patience:
                raise InputError(
                    "Expected workers. Received: none, all are gone. See their "
                    "logs in the search's folder; --resume goes on."
                )
    finally:
        server.stop(grace=1).wait()


def _give_up_lost(
    oracle: Any, servicer: Servicer, workers: LocalWorkers | None
) -> None:
    dead = workers.restart_dead() if workers else []
    now = time.monotonic()
    silent = [name for name, at in servicer.heard.items() if now - at > LOST]
    for name in {*dead, *silent}:
        servicer.heard.pop(name, None)
        oracle.give_up(name)
