"""Measure the memory of a command and its children."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from facemtl.process.streams import on_terminal

PARTS = 20  # parts of the time, each with its minimum
EARLY = 4  # the part from 20 to 25 %, after loading and warm-up
SHARE, LEAST = 0.05, 20.0  # tolerated growth: a share of that part, and MB
PAGE = os.sysconf("SC_PAGE_SIZE") / 1e6


@dataclass(frozen=True)
class Watched:
    """A command that has ended.

    Attributes:
        status: exit status.
        seconds: duration.
        samples: resident memory in MB, at equal intervals.
    """

    status: int
    seconds: float
    samples: Sequence[float]

    def least(self) -> list[float]:
        """Return the minimum of each of 20 parts of the time, in MB.

        A leak raises it; the temporary memory of a photo does not.
        """
        parts = np.array_split(np.array(self.samples), PARTS)
        return [round(float(part.min(initial=np.inf)), 1) for part in parts]

    def growth(self) -> float:
        """Return the rise in MB of a line through the second half."""
        half = self.least()[PARTS // 2 :]
        return float(np.polyfit(np.linspace(0, 1, len(half)), half, 1)[0])

    def fault(self) -> str:
        """Return the fault of its memory; empty if it is flat.

        The end may exceed the part from 20 to 25 % of the time by 5 % and 20
        MB, and the second half may rise by as much.
        """
        least = self.least()
        allowed = SHARE * least[EARLY] + LEAST
        risen = least[-1] - least[EARLY]
        if risen > allowed:
            return f"{risen:.0f} MB more at the end than at 20 %"
        if self.growth() > allowed:
            return f"{self.growth():.0f} MB more in the second half"
        return ""


def watched(
    words: Sequence[str], folder: Path, log: Path, every: float
) -> Watched:
    """Run a command and sample its memory.

    Args:
        words: the command.
        folder: working directory.
        log: file for its output.
        every: seconds between two samples.
    """
    samples, started = [], time.monotonic()
    with (
        log.open("wb") as said,
        subprocess.Popen(
            words, cwd=folder, stdout=said, stderr=said
        ) as process,
    ):
        while process.poll() is None:
            samples.append(memory(process.pid))
            _show(time.monotonic() - started, samples[-1])
            time.sleep(every)
    _show(0, 0)
    # The last samples may come after its end.
    kept = [x for x in samples if x] or [0.0]
    return Watched(process.returncode, time.monotonic() - started, kept)


def _show(seconds: float, now: float) -> None:
    """Update a line on a terminal; 0 seconds end it."""
    if on_terminal(sys.stderr):
        words = f"\r{seconds:.0f} s, {now:.0f} MB " if seconds else "\n"
        print(words, end="", file=sys.stderr, flush=True)


def memory(process: int) -> float:
    """Return resident memory of a process and its descendants in MB.

    Linux only. Shared memory is counted once per process. The result is 0
    after the end.
    """
    try:
        pages = Path(f"/proc/{process}/statm").read_text().split()[1]
    except OSError:  # It has just ended.
        return 0.0
    return int(pages) * PAGE + sum(map(memory, _children(process)))


def _children(process: int) -> list[int]:
    """Return the child processes of all threads of a process."""
    found: list[int] = []
    for file in Path(f"/proc/{process}/task").glob("*/children"):
        with suppress(OSError):  # The thread has just ended.
            found += map(int, file.read_text().split())
    return found
