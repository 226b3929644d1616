"""Convert YuNet's detections to boxes of a convention."""

import numpy as np

from facemtl.geometry.box_convention import SIDE, DetectorConvention


def detector_boxes(
    rows: np.ndarray, convention: DetectorConvention
) -> np.ndarray:
    """Convert YuNet's detections to boxes of a convention.

    Args:
        rows: (N, 15) left, top, width, height, five points, score; pixels.
        convention: position and size of the boxes.

    Returns:
        (N, 4) square boxes: left, top, right, bottom; pixels.
    """
    centre, side = box_parts(rows)
    if convention.middle:
        centre = points_of(rows) @ np.array(convention.middle)
        centre = np.stack([centre.real, centre.imag], axis=1)
    else:
        centre = centre + np.asarray(convention.shift) * side
    half = convention.scale * side / 2
    return np.concatenate([centre - half, centre + half], axis=1)


def points_of(rows: np.ndarray) -> np.ndarray:
    """Return YuNet's five points of each row, (N, 5) as x + iy."""
    points = rows[:, 4:14].reshape(-1, 5, 2)
    return points[..., 0] + 1j * points[..., 1]


def box_parts(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean of YuNet's box and the square around its five points.

    Returns:
        Centres (N, 2) and sides (N, 1) in pixels.
    """
    points = rows[:, 4:14].reshape(-1, 5, 2)
    low, high = points.min(axis=1), points.max(axis=1)
    centre = (rows[:, :2] + rows[:, 2:4] / 2 + (low + high) / 2) / 2
    spread = SIDE * (high - low).max(axis=1, keepdims=True)
    return centre, (np.sqrt(rows[:, 2:3] * rows[:, 3:4]) + spread) / 2
