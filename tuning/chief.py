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

LOST = 60.0  # seconds without a sign of life
LOOK = 0.5  # seconds between two looks
STARTS = 4  # of a worker on this machine
COMMAND = (sys.executable, "-m", "facemtl.tuning.search", "--ends-with-parent")


class Servicer(OracleServicer):
    """KerasTuner's own, which also knows when it last heard of a worker.

    Args:
        oracle: as `build_oracle` makes it.
        search: what all workers must have alike, as `search_words` gives it;
            empty for those that this process starts.
    """

    def __init__(self, oracle: Any, search: Mapping[str, str]) -> None:
        super().__init__(oracle)
        self.heard: dict[str, float] = {}
        self.search = search

    def CreateTrial(self, request: Any, context: Any) -> Any:
        """Give a trial to a worker that asks, or shows that it lives."""
        sent = dict(context.invocation_metadata())
        if why := disagreement(self.search, sent, request.tuner_id):
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, why)
        self.heard[request.tuner_id] = time.monotonic()
        return super().CreateTrial(request, context)


class LocalWorkers:
    """Workers on this machine, started again if one dies.

    Args:
        count: how many.
        arguments: of `facemtl.tuning.search`.
        address: of the chief, host and port.
        folder: for what they print.
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
                stdin=subprocess.PIPE,  # a worker ends when its pipe does
                stdout=log,
                stderr=log,
            )

    def restart_dead(self) -> list[str]:
        """Names of workers that died since the last look."""
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
        """Whether any is there, or has ended as it should."""
        return bool(self.processes)

    def stop(self) -> None:
        """End all."""
        for process in self.processes.values():
            _end(process)


def _end(process: subprocess.Popen[Any]) -> None:
    process.kill()
    process.wait()
    if process.stdin:
        process.stdin.close()


def free_address() -> tuple[str, int]:
    """An address on this machine that nobody listens at."""
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

    A worker that died, or gave no sign of life for a minute, loses its trial
    to the next one that asks.

    Args:
        oracle: as `build_oracle` makes it.
        address: where workers ask, host and port.
        patience: seconds without any worker after which it gives up.
        workers: those on this machine, if any.
        search: what workers elsewhere must have alike, see `search_words`.

    Raises:
        InputError: if no worker is left.
    """
    # With one thread, the oracle never answers two at a time.
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
                    "Expected workers. Received: none, all are gone. What they "
                    "said is in the search's folder; --resume goes on."
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
