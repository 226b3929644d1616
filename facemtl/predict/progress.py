"""Show the progress of many photos: a bar on a terminal, lines in a log."""

import shutil
import sys
import time
from typing import TextIO

from facemtl.predict.output import PhotoResult
from facemtl.process.bars import cells, clock
from facemtl.process.streams import on_terminal
from facemtl.words import plural

FEW = 10  # photos whose lines are shown on a terminal too


class PhotoProgress:
    """Shows each photo's result.

    Up to ten photos, and photos in a log, have a line for each face. A terminal
    has a bar for more photos, and lines for those that could not be used.

    Args:
        photos: their number.
        screen: the stream of the lines.
        quiet: whether to show only the photos that could not be used, on
            standard error.
    """

    def __init__(self, photos: int, screen: TextIO, quiet: bool) -> None:
        self._photos, self._screen, self._quiet = photos, screen, quiet
        self._bar = not quiet and photos > FEW and on_terminal(sys.stderr)
        self._lines = not quiet and not (self._bar and on_terminal(screen))
        self._started = time.monotonic()
        self._shown = 0.0
        self._done = self._faces = 0

    def show(self, result: PhotoResult) -> None:
        """Show a result."""
        self._done += 1
        self._faces += len(result.faces)
        if self._lines or result.error:
            self.clear()
            stream = sys.stderr if self._quiet else self._screen
            place = f"[{self._done}/{self._photos}] " * (self._photos > 1)
            for line in result.lines():
                print(f"{place}{line}", file=stream, flush=True)
        now = time.monotonic()
        if self._bar and now - self._shown > 0.2:
            self._shown = now
            line = self.line(now - self._started)
            print(f"\r{line}", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Remove the bar, for another line in its place."""
        if self._bar and self._shown:
            width = shutil.get_terminal_size().columns - 1
            print(f"\r{' ' * width}\r", end="", file=sys.stderr, flush=True)
            self._shown = 0.0

    def line(self, seconds: float) -> str:
        """Return the bar, not longer than the terminal is wide.

        Args:
            seconds: the time since the start.
        """
        rate = self._done / max(seconds, 1e-6)
        left = round((self._photos - self._done) / max(rate, 1e-6))
        line = (
            f"{cells(self._done, self._photos)} "
            f"{self._done} of {self._photos} photos, {rate:.1f} a second, "
            f"{clock(left)} left, {self._faces} "
            f"{plural(self._faces, 'face')}"
        )
        width = max(shutil.get_terminal_size().columns - 1, 1)
        return line[:width].ljust(min(width, len(line) + 8))
