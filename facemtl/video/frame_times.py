"""When each frame was taken, in seconds that always rise."""

import math
import time
from collections.abc import Callable

# A clock that goes back by more than so many seconds was set anew.
NEW_CLOCK = 1.0


class FrameTimes:
    """Turns a source's timestamps into times of its frames.

    A frame has its own timestamp, counted from the start of a film, or from a
    camera's or stream's first frame. Where a timestamp is missing or does not
    rise, the time goes on: in a film by the shortest step so far, live by the
    wall clock.

    Args:
        step: of a film's frames, seconds, before two timestamps are known.
        live: whether frames come as they are taken.
        now: the wall clock.

    Example:

    >>> times = FrameTimes(step=0.04)
    >>> [round(times(stamp), 2) for stamp in (0.0, 0.5, 0.6, 0.0, 0.8)]
    [0.0, 0.5, 0.6, 0.7, 0.8]
    """

    def __init__(
        self,
        step: float,
        live: bool = False,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._step, self._live, self._now = step, live, now
        # Not the latest: a pause says nothing of the frames behind it.
        self._shortest = math.inf
        # What is added to a timestamp; unknown before a live source's first.
        self._shift = None if live else 0.0
        self._stamp: float | None = None
        self._last: float | None = None
        self._seen = 0.0

    def __call__(self, stamp: float) -> float:
        """The time of the next frame.

        Args:
            stamp: the source's own, seconds; 0, a negative one and NaN are
                none, as OpenCV reports them.
        """
        own = stamp if math.isfinite(stamp) and stamp > 0 else None
        now, last = self._now(), self._last
        elapsed = self._elapsed(now)
        if last is None:
            at = self._first(own)
        elif own is None or own == self._stamp:
            at = last + elapsed
        else:
            at = self._next(own, last, elapsed)
        self._seen, self._last, self._stamp = now, at, own
        return at

    def _elapsed(self, now: float) -> float:
        """What a step takes that no timestamp tells."""
        if self._live:
            return max(now - self._seen, 1e-3)
        known = math.isfinite(self._shortest)
        return self._shortest if known else self._step

    def _first(self, own: float | None) -> float:
        if self._live and own is not None:
            self._shift = -own
        return 0.0 if self._live or own is None else own

    def _next(self, own: float, last: float, elapsed: float) -> float:
        if self._shift is not None and own + self._shift > last:
            at = own + self._shift
            self._shortest = min(self._shortest, at - last)
            return at
        if self._shift is None or last - own - self._shift > NEW_CLOCK:
            self._shift = last + elapsed - own
            return last + elapsed
        # A small step, so that the timestamps behind it are met again.
        return last + elapsed / 4
