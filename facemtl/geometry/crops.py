"""Crop geometry: a photo's box to a square window and back.

The only module that turns pixels of a photo into units of a crop, used by
training, evaluation, export and prediction alike. A *window* is the squared
box with a margin: (left, top, side) in pixels. Pixel coordinates count from 0
at the centre of the first pixel; points of a crop are in [0, 1] of its window.
`facemtl.geometry.reference` defines a crop in plain NumPy.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from facemtl.arguments import checked_choice, checked_count, checked_number
from facemtl.errors import InputError
from facemtl.geometry.sampling import rotated_crop, rotation, upright_crop

COLORS = {"gray": 1, "rgb": 3}
# Samples a crop pixel and axis: their mean keeps large photos from aliasing.
SAMPLES = 4
# Pixels a side of a crop: 1,024 are sampled at 4,096 x 4,096 places, for which
# a face takes 0.3 GB; and sides of the box on each of its sides.
LARGEST, WIDEST = 1024, 10.0


@dataclass(frozen=True)
class CropSpec:
    """How a network sees a face.

    Args:
        size: pixels a side of the crop.
        color: `"gray"` or `"rgb"`.
        margin: share of the box's side added on each of its four sides.

    Raises:
        InputError: for a size under 8 or over 1,024, an unknown color, a
            margin that leaves no window or one over 10, or another type.

    Example:

    >>> CropSpec(size=40).shape
    (40, 40, 1)
    """

    size: int = 40
    color: str = "gray"
    margin: float = 0.0

    def __post_init__(self) -> None:
        checked_count("a crop size", self.size)
        if self.size < 8:
            raise InputError(
                f"Expected a crop size of at least 8. Received: {self.size}."
            )
        if self.size > LARGEST:
            raise InputError(
                f"Expected a crop size of at most {LARGEST:,}: more pixels a "
                f"side would fill the memory. Received: {self.size:,}."
            )
        checked_choice("a color", self.color, list(COLORS))
        checked_number("a margin over -0.5", self.margin, lambda x: x > -0.5)
        if self.margin > WIDEST:
            raise InputError(
                f"Expected a margin of at most {WIDEST:g} sides of the box. "
                f"Received: {self.margin}."
            )

    @property
    def shape(self) -> tuple[int, int, int]:
        """(size, size, channels) of a crop."""
        return self.size, self.size, COLORS[self.color]

    def to_dict(self) -> dict[str, Any]:
        """Constructor arguments, for config files."""
        return asdict(self)


def square_windows(boxes: np.ndarray, margin: float = 0.0) -> np.ndarray:
    """Windows of boxes: squares with the boxes' centres and larger sides.

    Args:
        boxes: (N, 4) left, top, right, bottom in pixels.
        margin: share of the side added on each of the four sides.

    Returns:
        (N, 3) float64: left, top, side in pixels.

    Example:

    >>> square_windows(np.array([[10.0, 20.0, 50.0, 50.0]])).tolist()
    [[10.0, 15.0, 40.0]]
    """
    boxes = np.asarray(boxes, np.float64).reshape(-1, 4)
    low, high = boxes[:, :2], boxes[:, 2:]
    side = (high - low).max(axis=1, keepdims=True) * (1 + 2 * margin)
    return np.concatenate([(low + high - side) / 2, side], axis=1)


def boxes_of(windows: np.ndarray, margin: float = 0.0) -> np.ndarray:
    """The square boxes (N, 4) that have these windows (N, 3).

    Example:

    >>> boxes_of(np.array([[5.0, 5.0, 60.0]]), margin=0.1).tolist()
    [[10.0, 10.0, 60.0, 60.0]]
    """
    corner, side = windows[:, :2], windows[:, 2:]
    inset = side * margin / (1 + 2 * margin)
    return np.concatenate([corner + inset, corner + side - inset], axis=1)


def to_window(points: np.ndarray, windows: np.ndarray) -> np.ndarray:
    """Points (N, P, 2) in photo pixels -> units of their windows (N, 3)."""
    return (points - windows[:, None, :2]) / windows[:, None, 2:]


def to_photo(
    points: np.ndarray, windows: np.ndarray, degrees: float = 0.0
) -> np.ndarray:
    """Points (N, P, 2) in units of their windows (N, 3) -> photo pixels.

    Args:
        points: x, y in units of the windows.
        windows: left, top, side in pixels.
        degrees: by which the windows are rotated clockwise round their middle.

    Example:

    >>> corner, window = np.array([[[0.0, 0.0]]]), np.array([[10.0, 20.0, 8.0]])
    >>> to_photo(corner, window).tolist()
    [[[10.0, 20.0]]]
    >>> to_photo(corner, window, degrees=90.0).tolist()
    [[[18.0, 20.0]]]
    """
    if degrees:
        points = 0.5 + (points - 0.5) @ rotation(degrees).T
    return points * windows[:, None, 2:] + windows[:, None, :2]


def crop(
    photo: np.ndarray,
    window: np.ndarray,
    size: int,
    color: str = "gray",
    samples: int = SAMPLES,
    degrees: float = 0.0,
) -> np.ndarray:
    """Cut a window out of a photo. Beyond its edge the photo is repeated.

    Every crop pixel is the mean of `samples` x `samples` bilinear samples,
    spread evenly over the pixel's part of the window.

    Args:
        photo: (H, W, 3) uint8, RGB.
        window: (3,) left, top, side in pixels.
        size: pixels a side of the crop.
        color: `"gray"` or `"rgb"`.
        samples: samples a crop pixel and axis.
        degrees: rotate the window clockwise round its middle, to see a face
            upright that is rotated by as much. Of a small window, such a crop
            takes fewer samples (`rotated_samples`).

    Returns:
        (size, size, 1 or 3) uint8.

    Example:

    >>> crop(np.full((50, 50, 3), 7, np.uint8), np.array([5, 5, 20]), 8).max()
    np.uint8(7)
    """
    if degrees:
        return rotated_crop(photo, window, size, color, samples, degrees)
    return upright_crop(photo, window, size, color, samples)
