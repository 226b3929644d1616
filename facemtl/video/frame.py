"""What every source of frames gives."""

from dataclasses import dataclass

import numpy as np

from facemtl.errors import InputError


@dataclass(frozen=True, eq=False)
class Frame:
    """One frame of a video.

    Attributes:
        index: 0 for the first.
        time: seconds, from a film's start or a camera's first frame.
        pixels: (H, W, 3), uint8, RGB.
    """

    index: int
    time: float
    pixels: np.ndarray


class IncompleteVideo(InputError):
    """A video ended before it should; its frames until then were given."""
