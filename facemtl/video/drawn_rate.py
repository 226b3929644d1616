"""The one rate of a drawn film, whose source may have no constant one."""

import cv2
import numpy as np

from facemtl.video.opencv_path import opencv_path

# Frames that are looked at, and the most a second of an uneven film.
LOOKED_AT = 100
SMOOTH = 60.0


def drawn_rate(file: str, rate: float) -> float:
    """A rate at which the first frames of a film all show.

    Args:
        file: the film's.
        rate: frames a second, on average.

    Returns:
        The film's own rate if its frames are even, else that of the closest
        two, 60 at most: pauses are filled by repeated frames.
    """
    steps = np.diff(_times(file))
    steps = steps[steps > 0]
    if not len(steps):
        return rate
    closest = 1 / float(steps.min())
    # Timestamps in milliseconds make even frames a little uneven.
    even = abs(closest - rate) < 0.1 * rate
    return rate if even else min(closest, max(SMOOTH, rate))


def _times(file: str) -> list[float]:
    """Seconds, of the first frames, in order."""
    with opencv_path(file) as path:
        capture = cv2.VideoCapture(path)
    times: list[float] = []
    while len(times) < LOOKED_AT and capture.grab():
        times.append(capture.get(cv2.CAP_PROP_POS_MSEC) / 1000)
    capture.release()
    return sorted(times)
