"""Show a video's progress on standard error."""

import sys
import time

from facemtl.process.streams import on_terminal
from facemtl.words import plural


class VideoProgress:
    """Shows the frames done, frames per second and faces.

    Args:
        frames: the expected number; 0 if unknown.
    """

    def __init__(self, frames: int) -> None:
        self._frames = frames
        self._started = time.monotonic()
        self._done = self._faces = 0
        self._shown = 0.0

    def show(self, faces: int) -> None:
        """Count a frame; update the line twice a second on a terminal."""
        self._done += 1
        self._faces = faces
        now = time.monotonic()
        if on_terminal(sys.stderr) and now - self._shown > 0.5:
            self._shown = now
            print(f"\r{self._line()}  ", end="", file=sys.stderr, flush=True)

    def whole(self) -> None:
        """Drop the expected number if it was a wrong estimate."""
        if self._frames != self._done:
            self._frames = 0

    def end(self) -> None:
        """Show the line for the last time."""
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
