"""A frame, and the error of an incomplete video."""

from dataclasses import dataclass

import numpy as np

from facemtl.errors import InputError


@dataclass(frozen=True, eq=False)
class Frame:
    """One frame of a video.

    Attributes:
        index: 0 for the first frame.
        time: seconds since the video's start or the camera's first frame.
        pixels: (H, W, 3), uint8, RGB.
    """

    index: int
    time: float
    pixels: np.ndarray


class IncompleteVideo(InputError):
    """Raised after a video's last frame if frames are missing."""
