"""How boxes lie round the points of their faces."""

import numpy as np

# A face fits its box if most of its points lie inside it, grown by this share
# of its side (jaws leave the boxes of detectors).
GROWN, MOST_POINTS = 0.1, 0.5
MOST_FACES = 0.8  # that must have a box, and fit it


def fits(boxes: np.ndarray, points: np.ndarray) -> np.ndarray:
    """(N,) bool: whether at least half of a face's points lie in its box."""
    grown = GROWN * (boxes[:, 2:] - boxes[:, :2]).max(axis=1)[:, None, None]
    low, high = boxes[:, None, :2] - grown, boxes[:, None, 2:] + grown
    inside = ((points >= low) & (points <= high)).all(axis=2).sum(axis=1)
    known = np.isfinite(points).all(axis=2).sum(axis=1)
    return inside >= MOST_POINTS * np.maximum(known, 1)


def held(boxes: np.ndarray, points: np.ndarray) -> float:
    """The share of all points (N, P, 2) that lie in their boxes (N, 4)."""
    inside = (points >= boxes[:, None, :2]) & (points <= boxes[:, None, 2:])
    known = np.isfinite(points).all(axis=2)
    return float(inside.all(axis=2).sum() / max(known.sum(), 1))


def misfit_of(boxes: np.ndarray, rectangles: np.ndarray) -> float:
    """How differently boxes lie round the points of their faces.

    The median over faces of a distance with three parts: of the centres in x,
    in y, and of the logarithms of the sides, in units of the points'
    rectangle. In y and in size boxes may differ from the points' rectangle, if
    they do so alike; in x a face's points have the box's middle for theirs.
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
    """(N, 4) left, top, right, bottom of each face's points; NaN without."""
    if not points.shape[1]:
        return np.full((len(points), 4), np.nan)
    # NaN would win in min and max; infinities stand for missing points.
    known = np.isfinite(points)
    low = np.where(known, points, np.inf).min(axis=1)
    high = np.where(known, points, -np.inf).max(axis=1)
    rectangles = np.concatenate([low, high], axis=1)
    return np.where(np.isfinite(rectangles), rectangles, np.nan)


def centres(boxes: np.ndarray) -> np.ndarray:
    return (boxes[:, :2] + boxes[:, 2:]) / 2
