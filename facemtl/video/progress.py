"""How far a video is, on standard error."""

import sys
import time

from facemtl.process.streams import on_terminal
from facemtl.words import plural


class VideoProgress:
    """Frames done and frames a second.

    Args:
        frames: how many there should be; 0 if that is unknown.
    """

    def __init__(self, frames: int) -> None:
        self._frames = frames
        self._started = time.monotonic()
        self._done = self._faces = 0
        self._shown = 0.0

    def show(self, faces: int) -> None:
        """Count a frame; on a terminal, show the line twice a second."""
        self._done += 1
        self._faces = faces
        now = time.monotonic()
        if on_terminal(sys.stderr) and now - self._shown > 0.5:
            self._shown = now
            print(f"\r{self._line()}  ", end="", file=sys.stderr, flush=True)

    def whole(self) -> None:
        """All frames are there, whatever their estimate was."""
        if self._frames != self._done:
            self._frames = 0

    def end(self) -> None:
        """Show the line a last time."""
        start = "\r" if on_terminal(sys.stderr) else ""
        if self._done and sys.stderr is not None:
            print(f"{start}{self._line()}  ", file=sys.stderr)

    def _line(self) -> str:
        seconds = max(time.monotonic() - self._started, 1e-6)
        of = f" of {self._frames}" if self._frames >= self._done else ""
        return (
            f"{self._done}{of} {plural(self._done, 'frame')}, "
            f"{self._done / seconds:.1f} a second, "
            f"{self._faces} {plural(self._faces, 'face')}"
        )
