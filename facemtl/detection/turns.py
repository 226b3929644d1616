"""Convert pixels of rotated photos back to the original photo."""

import numpy as np


def turn_points_back(
    points: np.ndarray, turns: int, shape: tuple[int, ...]
) -> np.ndarray:
    """Convert points of `np.rot90(photo, turns)` to points of the photo.

    Args:
        points: (..., 2) x, y in pixels of the turned photo.
        turns: quarter turns counterclockwise.
        shape: of the original photo, height first.

    Example:

    >>> photo = np.zeros((2, 3)); photo[0, 2] = 1
    >>> np.argwhere(np.rot90(photo, 1))[0]  # row 0, column 0
    array([0, 0])
    >>> turn_points_back(np.array([0.0, 0.0]), 1, photo.shape)
    array([2., 0.])
    """
    height, width = shape[:2]
    x, y = points[..., 0], points[..., 1]
    back = {
        0: (x, y),
        1: (width - 1 - y, x),
        2: (width - 1 - x, height - 1 - y),
        3: (y, height - 1 - x),
    }[turns % 4]
    return np.stack(back, axis=-1)


def turn_boxes_back(
    boxes: np.ndarray, turns: np.ndarray, shape: tuple[int, ...]
) -> np.ndarray:
    """Convert boxes (N, 4) detected in turns (N,) to boxes of the photo."""
    result = np.array(boxes, float)
    for turn in (1, 2, 3):
        some = turns % 4 == turn
        if some.any():
            corners = boxes[some].reshape(-1, 2, 2)
            corners = turn_points_back(corners, turn, shape)
            result[some, :2] = corners.min(axis=1)
            result[some, 2:] = corners.max(axis=1)
    return result
