"""Report progress on standard error while a large file is read."""

import sys
import time
from pathlib import Path

FIRST, NEXT = 5.0, 10.0  # seconds before the first and each further line
EVERY = 5000  # rows between checks of the clock


class SlowReading:
    """Report how many rows were read, if reading takes several seconds.

    Args:
        path: the file.
        whole: the number of all rows; 0 if unknown.

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
        """Report that `row` rows were read, if a line is due."""
        if row % EVERY or time.monotonic() < self._due:
            return
        self._due = time.monotonic() + NEXT
        done = f"{row:,}{self._of} rows"
        print(f"Reading {self._name}: {done} …", file=sys.stderr, flush=True)
