"""How much memory a command and its children hold while they work."""

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

PARTS = 20  # of the time, each with its least
EARLY = 4  # the part from 20 to 25 %, when all is loaded and warm
SHARE, LEAST = 0.05, 20.0  # of that part, and MB, that may come on top
PAGE = os.sysconf("SC_PAGE_SIZE") / 1e6


@dataclass(frozen=True)
class Watched:
    """A command that has ended.

    Attributes:
        status: of its end.
        seconds: that it took.
        samples: its resident memory in MB, at equal distances in time.
    """

    status: int
    seconds: float
    samples: Sequence[float]

    def least(self) -> list[float]:
        """The least of each of 20 parts of the time, MB.

        What is kept for good raises it; what one photo takes does not.
        """
        parts = np.array_split(np.array(self.samples), PARTS)
        return [round(float(part.min(initial=np.inf)), 1) for part in parts]

    def growth(self) -> float:
        """MB by which a line through the second half rises."""
        half = self.least()[PARTS // 2 :]
        return float(np.polyfit(np.linspace(0, 1, len(half)), half, 1)[0])

    def fault(self) -> str:
        """What is wrong with its memory; empty if it stays flat.

        It may hold 5 % and 20 MB more at the end than at 20 to 25 % of its
        time, and its second half may rise by no more.
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
    """Run a command and look at its memory.

    Args:
        words: the command.
        folder: where it runs.
        log: for what it says.
        every: seconds between two looks.
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
    # The last looks may have met its end.
    kept = [x for x in samples if x] or [0.0]
    return Watched(process.returncode, time.monotonic() - started, kept)


def _show(seconds: float, now: float) -> None:
    """A line on a terminal, over the one before; 0 seconds end it."""
    if on_terminal(sys.stderr):
        words = f"\r{seconds:.0f} s, {now:.0f} MB " if seconds else "\n"
        print(words, end="", file=sys.stderr, flush=True)


def memory(process: int) -> float:
    """Resident memory of a process and its descendants, MB; 0 once it ended.

    Of Linux alone. What several of them share is counted several times.
    """
    try:
        pages = Path(f"/proc/{process}/statm").read_text().split()[1]
    except OSError:  # It has ended just now.
        return 0.0
    return int(pages) * PAGE + sum(map(memory, _children(process)))


def _children(process: int) -> list[int]:
    """The processes that a process's threads have started."""
    found: list[int] = []
    for file in Path(f"/proc/{process}/task").glob("*/children"):
        with suppress(OSError):  # A thread that has ended just now.
            found += map(int, file.read_text().split())
    return found
