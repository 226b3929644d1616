"""`Beside`: a client that sends small requests during attacks."""

import multiprocessing
import time
from typing import Any

import numpy as np

from facemtl.export.apps.server.cases import Case, fault
from facemtl.export.apps.server.sent import FAILURES, exchange

PAUSE = 0.05  # seconds between two requests
PATIENCE = 30.0  # maximum seconds per request


class Beside:
    """A client that measures the service during attacks.

    Args:
        case: the request, and the expected response.

    Example:

        with Beside(case) as client:
            client.numbers()
            ...
            print(client.numbers()["p99_ms"])
    """

    def __init__(self, case: Case) -> None:
        context = multiprocessing.get_context("spawn")
        self._here, there = context.Pipe()
        self._process = context.Process(
            target=_ask, args=(case, there), daemon=True
        )

    def __enter__(self) -> "Beside":
        self._process.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._process.kill()

    def numbers(self) -> dict[str, Any]:
        """Return times and failures of the requests since the last call."""
        self._here.send("numbers")
        seen = self._here.recv()
        times = np.array([seconds for seconds, _ in seen]) * 1000
        faults = [said for _, said in seen if said]
        return {
            "requests": len(times),
            "failures": len(faults),
            "first_failure": faults[0] if faults else "",
            "p50_ms": round(float(np.percentile(times, 50)), 1),
            "p99_ms": round(float(np.percentile(times, 99)), 1),
            "longest_ms": round(float(times.max()), 1),
        }


def _ask(case: Case, there: Any) -> None:
    seen: list[tuple[float, str]] = []
    while True:
        start = time.perf_counter()
        said = _once(case)
        seen.append((time.perf_counter() - start, said))
        time.sleep(PAUSE)
        if there.poll():
            there.recv()
            there.send(seen)
            seen = []


def _once(case: Case) -> str:
    """Send a request; return an empty string, or the fault."""
    headers = {"content-type": case.content_type}
    try:
        status, data = exchange(case.body, case.path, headers, PATIENCE)
    except FAILURES as error:
        return type(error).__name__
    return fault(case, status, data.decode())
