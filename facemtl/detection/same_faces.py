"""Keep the best of several detections of the same face."""

import numpy as np

SAME_FACE = 0.3  # Intersection over union.
PART_OF_FACE = 0.5  # Share of a `worse` box that lies in another box.


def distinct(
    boxes: np.ndarray, scores: np.ndarray, worse: np.ndarray | None = None
) -> list[int]:
    """Return which detections to keep: the best one of each face.

    Args:
        boxes: (N, 4) left, top, right, bottom.
        scores: (N,) higher is better.
        worse: (N,) detections to drop if the face has any other one, such as
            those of a cut face; by default none.

    Returns:
        Indices of the kept detections, the best first.

    Example:

    >>> boxes = np.array([[0.0, 0, 9, 9], [1, 0, 10, 9], [20, 0, 29, 9]])
    >>> distinct(boxes, np.array([0.8, 0.9, 0.7]))
    [1, 2]
    """
    worse = np.zeros(len(boxes), bool) if worse is None else worse
    kept: list[int] = []
    for i in np.lexsort((-scores, worse)):
        others = boxes[kept]
        same = overlap(boxes[i], others) >= SAME_FACE
        if worse[i]:
            same |= _share_in(boxes[i], others) >= PART_OF_FACE
        if not same.any():
            kept.append(int(i))
    return kept


def overlap(box: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the intersection over union of a box (4,) with others (..., 4).

    Example:

    >>> overlap(np.array([0, 0, 2, 2]), np.array([[1, 0, 3, 2], [0, 0, 2, 2]]))
    array([0.33333333, 1.        ])
    """
    both = _both(box, others)
    return both / (_area(box) + _area(others) - both)


def _share_in(box: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return which share of a box lies in each of the others."""
    return _both(box, others) / _area(box)


def _both(box: np.ndarray, others: np.ndarray) -> np.ndarray:
    low = np.maximum(box[:2], others[..., :2])
    high = np.minimum(box[2:], others[..., 2:])
    return np.prod(np.maximum(high - low, 0), axis=-1)


def _area(boxes: np.ndarray) -> np.ndarray:
    return np.prod(boxes[..., 2:] - boxes[..., :2], axis=-1)
