"""Start a server in a process, wait until it is ready, and end it."""

import os
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from facemtl.errors import InputError

RUN = Path(__file__).with_name("run.sh")
PORT = 8090
HOST = f"http://127.0.0.1:{PORT}"
PORTS = {
    "MLSERVER_HTTP_PORT": str(PORT),
    "MLSERVER_GRPC_PORT": str(PORT + 1),
    "MLSERVER_METRICS_PORT": str(PORT + 2),
}
PATIENCE = 300.0  # maximum seconds until the server is ready


@contextmanager
def started(model: str, script: Path = RUN) -> Iterator[subprocess.Popen[Any]]:
    """Run `run.sh` with a network; ready inside the block, ended after it.

    Args:
        model: the network.
        script: script that starts the server.

    Raises:
        InputError: if it is not ready in time; see its log.
    """
    log = Path("build/server/server.log")
    with log.open("w", encoding="utf-8") as file:
        server = subprocess.Popen(
            [str(script), model],
            env={**os.environ, **PORTS},
            stdout=file,
            stderr=file,
        )
        try:
            wait_until_ready(server, log)
            yield server
        finally:
            end(server)


def end(server: subprocess.Popen[Any]) -> None:
    """End it; MLServer may ignore SIGTERM after a worker was killed."""
    if server.poll() is not None:  # It ended before it was ready.
        return
    tree = psutil.Process(server.pid).children(recursive=True)
    server.terminate()
    try:
        server.wait(20)
    except subprocess.TimeoutExpired:
        server.kill()
    for process in tree:
        if process.is_running():
            process.kill()


def wait_until_ready(server: subprocess.Popen[Any], log: Path) -> None:
    """Wait until the server responds; see `started`."""
    latest = time.monotonic() + PATIENCE
    while server.poll() is None and time.monotonic() < latest:
        try:
            url = f"{HOST}/v2/models/faces/ready"
            with urllib.request.urlopen(url, timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.5)
    raise InputError(f"Expected a server that gets ready. See {log}.")
