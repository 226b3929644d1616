"""Progress bars for work on many faces, without Keras's."""

import sys
import time

from facemtl.process.streams import on_terminal, shown
from facemtl.words import plural

CELLS = 20  # characters of the bar
EVERY = 0.2  # seconds between two pictures of the bar


class Bar:
    """Shows on standard output how much of some work is done.

    Args:
        total: number of things to work on.
        unit: their name in the singular.
        verbose: 0 shows nothing, 1 a bar on a terminal, 2 one line at the end.

    Example:

    >>> bar = Bar(2, "face", verbose=2)
    >>> bar.add(1)
    >>> bar.add(1)  # doctest: +ELLIPSIS
    2/2 faces, 0:00, ... a second
    """

    def __init__(self, total: int, unit: str, verbose: int) -> None:
        self._total, self._unit = total, unit
        bar = on_terminal(sys.stdout)
        self._verbose = shown(2 if verbose == 1 and not bar else verbose)
        self._started = time.monotonic()
        self._shown = -EVERY
        self._done = 0

    def add(self, number: int) -> None:
        """Count things that are done, and show it."""
        self._done += number
        now = time.monotonic()
        ended = self._done >= self._total
        if self._verbose == 1 and (ended or now - self._shown > EVERY):
            self._shown = now
            end = "\n" if ended else ""
            print(f"\r{self._line()}  ", end=end, flush=True)
        elif self._verbose == 2 and ended:
            print(self._line(), flush=True)

    def _line(self) -> str:
        seconds = time.monotonic() - self._started
        rate = self._done / max(seconds, 1e-6)
        unit = plural(self._total, self._unit)
        line = (
            f"{self._done}/{self._total} {unit}, {clock(round(seconds))}, "
            f"{rate:.3g} a second"
        )
        if self._verbose == 2:
            return line
        return f"{cells(self._done, self._total)} {line}"


def cells(done: int, total: int) -> str:
    """Return a bar.

    Example:

    >>> cells(1, 4)
    '[#####...............]'
    """
    full = CELLS * min(done, total) // max(total, 1)
    return f"[{'#' * full}{'.' * (CELLS - full)}]"


def clock(seconds: int) -> str:
    """Return minutes and seconds, or hours before them.

    Example:

    >>> clock(65), clock(3600)
    ('1:05', '1:00:00')
    """
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}:{minutes:02}:{seconds:02}"
    return f"{minutes}:{seconds:02}"
