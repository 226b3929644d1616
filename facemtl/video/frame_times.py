"""Compute strictly increasing times of frames."""

import math
import time
from collections.abc import Callable

# A clock that goes back by more seconds than this was reset.
NEW_CLOCK = 1.0


class FrameTimes:
    """Converts a source's timestamps to strictly increasing times.

    Times count from the start of a video, or from the first frame of a camera
    or stream. If a timestamp is missing or does not increase, the time advances
    by the shortest step so far in a video, and by the wall clock for a live
    source.

    Args:
        step: seconds between frames, used until two timestamps are known.
        live: whether frames arrive as they are taken.
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
        # The shortest step, because the latest one may be a pause.
        self._shortest = math.inf
        # Added to timestamps; unknown before the first one of a live source.
        self._shift = None if live else 0.0
        self._stamp: float | None = None
        self._last: float | None = None
        self._seen = 0.0

    def __call__(self, stamp: float) -> float:
        """Return the time of the next frame in seconds.

        Args:
            stamp: the source's timestamp in seconds; OpenCV reports a missing
                one as 0, a negative number or NaN.
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
        """Return the length of a step without a timestamp."""
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
        # A small step, so that later timestamps exceed this time again.
        return last + elapsed / 4
