"""Choose the constant frame rate of an annotated video."""

import cv2
import numpy as np

from facemtl.video.opencv_path import opencv_path

# Frames that are examined; the highest rate for an uneven video.
LOOKED_AT = 100
SMOOTH = 60.0


def drawn_rate(file: str, rate: float) -> float:
    """Return a rate at which none of a video's first frames is dropped.

    Args:
        file: the video.
        rate: the average frames per second.

    Returns:
        The average rate if the frames are evenly spaced; else the rate of the
        two closest frames, at most 60 or the average rate. Pauses are filled
        with repeated frames.
    """
    steps = np.diff(_times(file))
    steps = steps[steps > 0]
    if not len(steps):
        return rate
    closest = 1 / float(steps.min())
    # Timestamps in milliseconds make evenly spaced frames slightly uneven.
    even = abs(closest - rate) < 0.1 * rate
    return rate if even else min(closest, max(SMOOTH, rate))


def _times(file: str) -> list[float]:
    """Return the times of the first frames in seconds, sorted."""
    with opencv_path(file) as path:
        capture = cv2.VideoCapture(path)
    times: list[float] = []
    while len(times) < LOOKED_AT and capture.grab():
        times.append(capture.get(cv2.CAP_PROP_POS_MSEC) / 1000)
    capture.release()
    return sorted(times)
