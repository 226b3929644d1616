"""Crop geometry: from the box in a photo to a square window and back.

This is the only module that converts between photo pixels and units of a crop.
Training, evaluation, export and prediction use it. A *window* is the squared
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
# Samples per crop pixel and axis; their mean avoids aliasing of large photos.
SAMPLES = 4
# Largest crop size and margin. A crop of 1,024 pixels has 4,096 x 4,096
# samples, which need 0.3 GB per face.
LARGEST, WIDEST = 1024, 10.0


@dataclass(frozen=True)
class CropSpec:
    """The size, color and margin of a network's input.

    Args:
        size: width and height of the crop in pixels.
        color: `"gray"` or `"rgb"`.
        margin: share of the box's side added on each of its four sides.

    Raises:
        InputError: for a size under 8 or over 1,024, an unknown color, a
            margin of -0.5 or less or over 10, or a wrong type.

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
        """The shape (size, size, channels) of a crop."""
        return self.size, self.size, COLORS[self.color]

    def to_dict(self) -> dict[str, Any]:
        """Return the constructor arguments, for configuration files."""
        return asdict(self)


def square_windows(boxes: np.ndarray, margin: float = 0.0) -> np.ndarray:
    """Return square windows with the centres and larger sides of boxes.

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
    """Return the square boxes (N, 4) that have these windows (N, 3).

    Example:

    >>> boxes_of(np.array([[5.0, 5.0, 60.0]]), margin=0.1).tolist()
    [[10.0, 10.0, 60.0, 60.0]]
    """
    corner, side = windows[:, :2], windows[:, 2:]
    inset = side * margin / (1 + 2 * margin)
    return np.concatenate([corner + inset, corner + side - inset], axis=1)


def to_window(points: np.ndarray, windows: np.ndarray) -> np.ndarray:
    """Convert points (N, P, 2) from photo pixels to units of windows (N, 3)."""
    return (points - windows[:, None, :2]) / windows[:, None, 2:]


def to_photo(
    points: np.ndarray, windows: np.ndarray, degrees: float = 0.0
) -> np.ndarray:
    """Convert points (N, P, 2) from units of windows (N, 3) to photo pixels.

    Args:
        points: x, y in units of the windows.
        windows: left, top, side in pixels.
        degrees: clockwise rotation of the windows round their centres.

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
    """Cut a window out of a photo, with the photo's edge pixels repeated.

    Every crop pixel is the mean of `samples` x `samples` bilinear samples,
    spread evenly over the pixel's part of the window.

    Args:
        photo: (H, W, 3) uint8, RGB.
        window: (3,) left, top, side in pixels.
        size: width and height of the crop in pixels.
        color: `"gray"` or `"rgb"`.
        samples: samples per crop pixel and axis.
        degrees: clockwise rotation of the window round its centre. A face that
            is rotated by as much is upright in the crop. Rotated crops of
            small windows use fewer samples (`rotated_samples`).

    Returns:
        (size, size, 1 or 3) uint8.

    Example:

    >>> crop(np.full((50, 50, 3), 7, np.uint8), np.array([5, 5, 20]), 8).max()
    np.uint8(7)
    """
    if degrees:
        return rotated_crop(photo, window, size, color, samples, degrees)
    return upright_crop(photo, window, size, color, samples)
