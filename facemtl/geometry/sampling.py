"""Fast sampling of a photo inside an upright or rotated window.

`facemtl.geometry.reference` defines the result.
"""

import math
from typing import NamedTuple

import cv2
import numpy as np


def rotation(degrees: float) -> np.ndarray:
    """Return the (2, 2) matrix that rotates x, y clockwise; y points down."""
    angle = np.deg2rad(degrees)
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([[cos, -sin], [sin, cos]])


def rotated_samples(side: float, size: int, samples: int) -> int:
    """Return the number of samples per pixel and axis of a rotated crop.

    More than one sample per photo pixel would only take longer.

    Args:
        side: side of the window in photo pixels.
        size: width and height of the crop in pixels.
        samples: largest number of samples.

    Example:

    >>> rotated_samples(90.0, 40, 4), rotated_samples(1000.0, 40, 4)
    (3, 4)
    """
    return min(samples, max(2, math.ceil(side / size)))


def upright_crop(
    photo: np.ndarray, window: np.ndarray, size: int, color: str, samples: int
) -> np.ndarray:
    """Cut an upright window; see `facemtl.geometry.crops.crop`."""
    left, top, side = (float(value) for value in window)
    down = _places(top, side, size * samples, photo.shape[0])
    across = _places(left, side, size * samples, photo.shape[1])
    part = photo[down.first : down.last + 1, across.first : across.last + 1]
    if color == "gray":
        part = cv2.cvtColor(part, cv2.COLOR_RGB2GRAY)[..., None]
    rows = _mean_samples(part, down, size)
    columns = _mean_samples(rows.swapaxes(0, 1), across, size)
    return np.rint(columns.swapaxes(0, 1)).astype(np.uint8)


def rotated_crop(
    photo: np.ndarray,
    window: np.ndarray,
    size: int,
    color: str,
    samples: int,
    degrees: float,
) -> np.ndarray:
    """Cut a rotated window by OpenCV; see `facemtl.geometry.crops.crop`."""
    left, top, side = (float(value) for value in window)
    samples = rotated_samples(side, size, samples)
    middle = np.array([left, top]) + side / 2
    # Process only the part of a large photo that a rotated window can reach.
    low = np.floor(middle - 0.75 * side)
    x, y = low = np.clip(low, 0, np.array(photo.shape[1::-1]) - 1).astype(int)
    reach = int(np.ceil(1.5 * side)) + 2
    part = np.ascontiguousarray(photo[y : y + reach, x : x + reach])
    if color == "gray":
        part = cv2.cvtColor(part, cv2.COLOR_RGB2GRAY)
    turn = rotation(degrees)
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
    # Resizing by an integer factor returns the mean of the samples.
    mean = cv2.resize(fine, (size, size), interpolation=cv2.INTER_AREA)
    return mean.reshape(size, size, -1)


class _Places(NamedTuple):
    """Positions along one axis, between pixels `first + low` and the next."""

    first: int
    last: int
    low: np.ndarray
    share: np.ndarray


def _places(start: float, side: float, n: int, length: int) -> _Places:
    """Return the centres of n samples of a window, clipped to the photo.

    They are exact. OpenCV's warps round positions to 1/32 of a pixel.
    """
    at = start + (np.arange(n) + 0.5) * (side / n)
    at = np.clip(at, 0, length - 1)
    low = np.minimum(at.astype(int), max(length - 2, 0))
    first, last = int(low[0]), min(int(low[-1]) + 1, length - 1)
    return _Places(first, last, low - first, (at - low).astype(np.float32))


def _mean_samples(pixels: np.ndarray, places: _Places, size: int) -> np.ndarray:
    """Sample along the first axis and return the means of `size` groups."""
    share = places.share[:, None, None]
    high = np.minimum(places.low + 1, len(pixels) - 1)
    fine = pixels[places.low] * (1 - share) + pixels[high] * share
    return fine.reshape(size, -1, *pixels.shape[1:]).mean(axis=1)
