"""Read damaged files, and say what came of each."""

import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from facemtl.errors import InputError

LIMIT = 30  # seconds of one reading


class TooSlow(Exception):
    """A reading took longer than `LIMIT`."""


@dataclass
class Outcome:
    """What came of the damaged files of one kind.

    Attributes:
        counts: how many were read as the whole one (`same`), to other values
            (`other`) and refused in a line (`refused`).
        faults: what must not be, in a line each.
        slowest: seconds of the slowest reading.
    """

    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    slowest: float = 0.0

    def add(
        self, how: str, expected: str, read: Callable[[], str], whole: str
    ) -> None:
        """Read one file."""
        start = time.monotonic()
        result = _read(read, whole)
        seconds = time.monotonic() - start
        self.slowest = max(self.slowest, seconds)
        kind = result.partition(":")[0]
        self.counts[kind] += 1
        if kind not in ("same", "other", "refused"):
            self.faults.append(f"{how}: {result}")
        elif expected not in ("any", kind):
            self.faults.append(f"{how}: expected {expected}, received {result}")


def _read(read: Callable[[], str], whole: str) -> str:
    try:
        with _limit():
            found = read()
    except InputError as error:
        lines = str(error).splitlines()
        return "refused" if len(lines) == 1 else f"lines: {lines[:2]}"
    except TooSlow:
        return f"slow: over {LIMIT} s"
    except Exception as error:
        return f"exception: {type(error).__name__}: {str(error)[:100]}"
    return "same" if found == whole else "other"


@contextmanager
def _limit() -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(LIMIT)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
