"""A line on standard error now and then, while a large file is read."""

import sys
import time
from pathlib import Path

FIRST, NEXT = 5.0, 10.0  # seconds until a line
EVERY = 5000  # rows between looks at the clock


class SlowReading:
    """Says how far reading is, if it takes longer than some seconds.

    Args:
        path: the file.
        whole: how many rows there are; 0 where that is not known yet.

    Example:

    >>> slow = SlowReading("faces.csv")
    >>> for row in range(10):
    ...     slow.at(row)
    """

    def __init__(self, path: str | Path, whole: int = 0) -> None:
        self._name = Path(path).name
        self._of = f" of {whole:,}" if whole else ""
        self._due = time.monotonic() + FIRST

    def at(self, row: int) -> None:
        """So many rows are read."""
        if row % EVERY or time.monotonic() < self._due:
            return
        self._due = time.monotonic() + NEXT
        done = f"{row:,}{self._of} rows"
        print(f"Reading {self._name}: {done} …", file=sys.stderr, flush=True)
