"""Crops that every implementation of the geometry is tested on.

Each case is a box of a photo and how a network sees it. `reference()` gives
what `facemtl.geometry.reference` defines.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from facemtl.geometry.crops import SAMPLES, CropSpec, square_windows, to_photo
from facemtl.geometry.reference import reference_crop

SMALL, LARGE = (60, 90), (700, 900)
# Corners, the middle and a place outside, in units of a window.
POINTS = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, 0.5], [0.3, 0.8], [-0.2, 1.1]])


@dataclass(frozen=True)
class CropCase:
    """A box of a photo, and how a network sees it.

    Attributes:
        shape: height and width of the photo.
        box: left, top, right, bottom in pixels.
        size, color, margin: of the crop's `CropSpec`.
        degrees: rotation of the window.
        samples: of a crop pixel and axis.
    """

    shape: tuple[int, int]
    box: tuple[float, float, float, float]
    size: int = 40
    color: str = "gray"
    margin: float = 0.0
    degrees: float = 0.0
    samples: int = SAMPLES

    @property
    def spec(self) -> CropSpec:
        return CropSpec(self.size, self.color, self.margin)

    @property
    def photo(self) -> np.ndarray:
        """(H, W, 3) uint8."""
        return _photo(self.shape)

    @property
    def window(self) -> np.ndarray:
        """(3,) left, top, side in pixels."""
        return square_windows(np.array([self.box]), self.margin)[0]

    def reference(self) -> np.ndarray:
        """(size, size, 1 or 3) float64: the crop before it is rounded."""
        how = (self.size, self.color, self.samples, self.degrees)
        return reference_crop(self.photo, self.window, *how)

    def points(self) -> np.ndarray:
        """(P, 2) where `POINTS` of the window lie in the photo."""
        return to_photo(POINTS[None], self.window[None], self.degrees)[0]


@lru_cache
def _photo(shape: tuple[int, int]) -> np.ndarray:
    """Noise of patches of four pixels: both edges and flat parts."""
    small = [-(-side // 4) for side in shape]
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (*small, 3), np.uint8)
    return np.kron(noise, np.ones((4, 4, 1), np.uint8))[: shape[0], : shape[1]]


INSIDE, OVER = (20.3, 11.8, 57.6, 49.1), (-25.5, -12.25, 30.0, 41.0)
PART = (310.4, 120.7, 702.9, 541.2)
UPRIGHT = {
    "inside": CropCase(SMALL, INSIDE),
    "in colors": CropCase(SMALL, INSIDE, color="rgb"),
    "wide box": CropCase(SMALL, (10.0, 20.0, 80.5, 40.25)),
    "whole pixels": CropCase(SMALL, (20.0, 10.0, 60.0, 50.0)),
    "half pixels": CropCase(SMALL, (19.5, 9.5, 59.5, 49.5), color="rgb"),
    "at the edge": CropCase(SMALL, (0.0, 0.0, 59.0, 59.0)),
    "over the left and top edge": CropCase(SMALL, OVER),
    "over the right and bottom edge": CropCase(
        SMALL, (61.0, 30.5, 130.0, 88.0), color="rgb"
    ),
    "beyond the photo": CropCase(SMALL, (-90.0, 70.0, -40.0, 120.0)),
    "margin": CropCase(SMALL, INSIDE, margin=0.25),
    "margin over all edges": CropCase(SMALL, INSIDE, color="rgb", margin=2.0),
    "margin inside the box": CropCase(SMALL, INSIDE, margin=-0.2),
    "a few pixels enlarged": CropCase(SMALL, (30.2, 30.7, 33.9, 34.1)),
    "odd size": CropCase(SMALL, INSIDE, size=9, color="rgb"),
    "large crop": CropCase(SMALL, INSIDE, size=64, margin=0.1),
    "large photo": CropCase(LARGE, PART, margin=0.15),
    "large photo in colors": CropCase(LARGE, PART, color="rgb"),
    "large photo, over its edge": CropCase(
        LARGE, (520.0, 310.0, 1110.0, 840.0), color="rgb", margin=0.1
    ),
    "large photo, small face": CropCase(LARGE, (804.5, 611.5, 841.5, 650.0)),
    "one row": CropCase((1, 7), (1.0, -2.0, 6.0, 3.0)),
    "one column": CropCase((7, 1), (-2.0, 1.0, 3.0, 6.0), color="rgb"),
    "one pixel": CropCase((1, 1), (-3.0, -4.0, 6.0, 5.0)),
    "one pixel in colors": CropCase((1, 1), (0.0, 0.0, 0.5, 0.5), color="rgb"),
}
ROTATED = {
    "rotated": CropCase(SMALL, INSIDE, degrees=30.0),
    "rotated to the left": CropCase(SMALL, INSIDE, color="rgb", degrees=-17.5),
    "rotated by a quarter": CropCase(SMALL, INSIDE, degrees=90.0),
    "upside down": CropCase(SMALL, INSIDE, degrees=180.0, margin=0.25),
    "rotated over the edge": CropCase(SMALL, OVER, degrees=-120.0),
    "rotated beyond the photo": CropCase(
        SMALL, (-90.0, 70.0, -40.0, 120.0), degrees=45.0
    ),
    "rotated in a large photo": CropCase(LARGE, PART, degrees=25.0),
    "rotated in a large photo, in colors": CropCase(
        LARGE, PART, color="rgb", margin=0.15, degrees=-50.0
    ),
    "rotated over the edge of a large photo": CropCase(
        LARGE, (520.0, 310.0, 1110.0, 840.0), degrees=135.0
    ),
    "rotated in a row": CropCase((1, 7), (1.0, -2.0, 6.0, 3.0), degrees=60.0),
    "rotated pixel": CropCase(
        (1, 1), (-3.0, -4.0, 6.0, 5.0), color="rgb", degrees=45.0
    ),
}
ALL = UPRIGHT | ROTATED
