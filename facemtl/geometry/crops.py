"""Crop geometry: a photo's box to a square window and back.

The only room that turns pixels of a photo into units of a crop, used by
training, evaluation, export and prediction alike. A *window* is the squared
box with a margin: (left, top, side) in pixels. Pixel coordinates count from 0
at the centre of the first pixel; points of a crop are in [0, 1] of its window.
"""

import math
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import cv2
import numpy as np

from facemtl.arguments import checked_choice, checked_count, checked_number
from facemtl.errors import InputError

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


def to_photo(points: np.ndarray, windows: np.ndarray) -> np.ndarray:
    """Points (N, P, 2) in units of their windows (N, 3) -> photo pixels."""
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
        degrees: turn the window clockwise round its middle, to see a face
            upright that is tilted by as much.

    Returns:
        (size, size, 1 or 3) uint8.

    Example:

    >>> crop(np.full((50, 50, 3), 7, np.uint8), np.array([5, 5, 20]), 8).max()
    np.uint8(7)
    """
    if degrees:
        return _turned_crop(photo, window, size, color, samples, degrees)
    left, top, side = (float(value) for value in window)
    down = _places(top, side, size * samples, photo.shape[0])
    across = _places(left, side, size * samples, photo.shape[1])
    part = photo[down.first : down.last + 1, across.first : across.last + 1]
    if color == "gray":
        part = cv2.cvtColor(part, cv2.COLOR_RGB2GRAY)[..., None]
    rows = _mean_samples(part, down, size)
    columns = _mean_samples(rows.swapaxes(0, 1), across, size)
    return np.rint(columns.swapaxes(0, 1)).astype(np.uint8)


def _turned_crop(
    photo: np.ndarray,
    window: np.ndarray,
    size: int,
    color: str,
    samples: int,
    degrees: float,
) -> np.ndarray:
    """`crop` of a turned window, by OpenCV."""
    left, top, side = (float(value) for value in window)
    # More than one a photo pixel would take longer and show nothing more.
    samples = min(samples, max(2, math.ceil(side / size)))
    middle = np.array([left, top]) + side / 2
    # Of large photos only the part that a turned window can reach.
    low = np.floor(middle - 0.75 * side)
    x, y = low = np.clip(low, 0, np.array(photo.shape[1::-1]) - 1).astype(int)
    reach = int(np.ceil(1.5 * side)) + 2
    part = np.ascontiguousarray(photo[y : y + reach, x : x + reach])
    if color == "gray":
        part = cv2.cvtColor(part, cv2.COLOR_RGB2GRAY)
    cos, sin = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    turn = np.array([[cos, -sin], [sin, cos]])
    step = side / (size * samples)
    # Sample u lies at (u + 1/2) steps from the window's corner.
    corner = middle - low + turn @ np.full(2, (step - side) / 2)
    fine = cv2.warpAffine(
        part,
        np.c_[step * turn, corner],
        (size * samples, size * samples),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    # By a whole factor, this is the mean of the samples.
    mean = cv2.resize(fine, (size, size), interpolation=cv2.INTER_AREA)
    return mean.reshape(size, size, -1)


class _Places(NamedTuple):
    """Places along one axis, between pixels `first + low` and one further."""

    first: int
    last: int
    low: np.ndarray
    share: np.ndarray


def _places(start: float, side: float, n: int, length: int) -> _Places:
    """The centres of n samples of a window, kept inside the photo.

    Exact, unlike OpenCV's warps, which round places to 1/32 of a pixel.
    """
    at = start + (np.arange(n) + 0.5) * (side / n)
    at = np.clip(at, 0, length - 1)
    low = np.minimum(at.astype(int), max(length - 2, 0))
    first, last = int(low[0]), min(int(low[-1]) + 1, length - 1)
    return _Places(first, last, low - first, (at - low).astype(np.float32))


def _mean_samples(pixels: np.ndarray, places: _Places, size: int) -> np.ndarray:
    """Sample along the first axis; the mean of each of `size` groups."""
    share = places.share[:, None, None]
    high = np.minimum(places.low + 1, len(pixels) - 1)
    fine = pixels[places.low] * (1 - share) + pixels[high] * share
    return fine.reshape(size, -1, *pixels.shape[1:]).mean(axis=1)
