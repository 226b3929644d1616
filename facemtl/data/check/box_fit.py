"""Measure how boxes lie around the points of their faces."""

import numpy as np

# A face fits its box if at least this share of its points lies in the box grown
# by a share of its side. The jaw often lies outside a detector box.
GROWN, MOST_POINTS = 0.1, 0.5
MOST_FACES = 0.8  # Least share of faces with a valid box.


def fits(boxes: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return (N,) bool: whether at least half of the points lie in the box."""
    grown = GROWN * (boxes[:, 2:] - boxes[:, :2]).max(axis=1)[:, None, None]
    low, high = boxes[:, None, :2] - grown, boxes[:, None, 2:] + grown
    inside = ((points >= low) & (points <= high)).all(axis=2).sum(axis=1)
    known = np.isfinite(points).all(axis=2).sum(axis=1)
    return inside >= MOST_POINTS * np.maximum(known, 1)


def held(boxes: np.ndarray, points: np.ndarray) -> float:
    """Return the share of all points (N, P, 2) inside their boxes (N, 4)."""
    inside = (points >= boxes[:, None, :2]) & (points <= boxes[:, None, 2:])
    known = np.isfinite(points).all(axis=2)
    return float(inside.all(axis=2).sum() / max(known.sum(), 1))


def misfit_of(boxes: np.ndarray, rectangles: np.ndarray) -> float:
    """Return how inconsistently boxes lie around the points of their faces.

    The result is the median of a distance between a box and the points'
    rectangle, in units of the rectangle. The distance combines the offsets of
    the centres in x and y, and the difference of the logarithms of the sides. A
    constant offset in y and a constant factor of size do not count. An offset
    in x does, since the points should be centred in the box.
    """
    side = (boxes[:, 2:] - boxes[:, :2]).max(axis=1)
    valid = (boxes[:, 2:] > boxes[:, :2]).all(axis=1)
    if valid.mean() < MOST_FACES:
        return np.inf
    extent = (rectangles[:, 2:] - rectangles[:, :2]).max(axis=1)
    offset = (centres(boxes) - centres(rectangles)) / extent[:, None]
    size = np.log(np.where(valid, side, np.nan) / extent)
    size -= np.nanmedian(size)
    offset[:, 1] -= np.median(offset[valid, 1])
    distance = np.sqrt(np.square(offset).sum(axis=1) + np.square(size))
    return float(np.median(np.where(valid, distance, np.inf)))


def rectangles_of(points: np.ndarray) -> np.ndarray:
    """Return (N, 4) left, top, right, bottom of the points; NaN without any."""
    if not points.shape[1]:
        return np.full((len(points), 4), np.nan)
    # Infinity replaces missing points, since NaN would spread in min and max.
    known = np.isfinite(points)
    low = np.where(known, points, np.inf).min(axis=1)
    high = np.where(known, points, -np.inf).max(axis=1)
    rectangles = np.concatenate([low, high], axis=1)
    return np.where(np.isfinite(rectangles), rectangles, np.nan)


def centres(boxes: np.ndarray) -> np.ndarray:
    return (boxes[:, :2] + boxes[:, 2:]) / 2
