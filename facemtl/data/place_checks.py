"""Checks of the positions of boxes and points in a photo.

A check raises `RowError`, as in `facemtl.data.checks`.
"""

import math

import numpy as np

from facemtl.data.checks import (
    BOX_OUTSIDE,
    POINT_FAR,
    POINT_OUTSIDE,
    least_for_box,
)
from facemtl.errors import RowError
from facemtl.geometry.in_photo import IN_PHOTO, parts_in_photo

# Largest distance of a label, in sides of the face's box. A larger one is a
# label of another photo, swapped columns or other units. Jaws may lie outside
# photos and boxes: 49 of 1,675 faces with 68 points have points beyond the
# photo's edge, by up to 0.21, and nearly all beyond the box, by up to 0.51.
# Labels of faces cut off by the edge may lie farther: networks predict them.
BEYOND_PHOTO = 1.0
BEYOND_BOX = 1.0
# Largest distance of the mean of a face's points from its box, in box sides.
# One of 12,675 faces has 0.35: it has the box of a neighbouring face.
MIDDLE_BEYOND_BOX = 0.5


def check_points_near(points: np.ndarray, box: np.ndarray) -> None:
    """Raise `RowError` if points do not belong to their box.

    No point may be farther away than one side of the box. The mean of the
    points may not be farther away than half a side, if half are labelled.

    Args:
        points: (P, 2) x and y in pixels; NaN (not labelled) is ignored.
        box: (4,) left, top, right, bottom in pixels.
    """
    left, top, right, bottom = box.tolist()
    side = max(right - left, bottom - top)
    reach = BEYOND_BOX * side
    # Plain Python is five times as fast as NumPy for a few points.
    if not any(
        x < left - reach
        or x > right + reach
        or y < top - reach
        or y > bottom + reach
        for x, y in points.tolist()
    ):
        _check_middle(points, box.tolist(), MIDDLE_BEYOND_BOX * side)
        return
    far = (points < box[:2] - reach) | (points > box[2:] + reach)
    raise RowError(
        POINT_FAR,
        f"{_first_point(points, far)}, more than {reach:g} pixels from "
        f"left {left:g}, top {top:g}, right {right:g}, bottom {bottom:g}",
    )


def _check_middle(points: np.ndarray, box: list[float], reach: float) -> None:
    """Raise `RowError` if the points' mean is beyond `reach` of their box."""
    known = [(x, y) for x, y in points.tolist() if not math.isnan(x + y)]
    if len(known) < least_for_box(len(points)):
        return  # The mean of so few points may lie anywhere.
    x, y = (sum(values) / len(known) for values in zip(*known, strict=True))
    left, top, right, bottom = box
    if max(left - x, x - right, top - y, y - bottom) > reach:
        raise RowError(
            POINT_FAR,
            f"the points' middle is ({x:g}, {y:g}), more than {reach:g} pixels "
            f"from left {left:g}, top {top:g}, right {right:g}, bottom "
            f"{bottom:g}",
        )


def check_box_in_photo(box: np.ndarray, height: int, width: int) -> None:
    """Raise `RowError` unless a tenth of a box lies in its photo.

    Args:
        box: (4,) left, top, right, bottom in pixels.
        height: height of the photo in pixels.
        width: width of the photo in pixels.

    Example:

    >>> check_box_in_photo(np.array([900.0, 10.0, 950.0, 60.0]), 300, 200)
    Traceback (most recent call last):
        ...
    facemtl.errors.RowError: box outside the photo: left 900, ...
    """
    if parts_in_photo(box[None], height, width)[0] < IN_PHOTO:
        left, top, right, bottom = box.tolist()
        raise RowError(
            BOX_OUTSIDE,
            f"left {left:g}, top {top:g}, right {right:g}, bottom {bottom:g} "
            f"in a photo {width} wide, {height} high: less than a tenth of it "
            "lies there",
        )


def check_points_in_photo(
    points: np.ndarray, box: np.ndarray, height: int, width: int
) -> None:
    """Raise `RowError` if a face's points do not belong to the photo.

    They may lie outside by at most one side of the box.

    Args:
        points: (P, 2) x and y in pixels; NaN (not labelled) is ignored.
        box: (4,) left, top, right, bottom in pixels.
        height: height of the photo in pixels.
        width: width of the photo in pixels.
    """
    reach = BEYOND_PHOTO * larger_side(box)
    outside = points_outside(points, height, width, reach)
    if outside:
        raise RowError(POINT_OUTSIDE, outside)


def larger_side(box: np.ndarray) -> float:
    """Return the larger side of a box (4,) left, top, right, bottom."""
    return float((box[2:] - box[:2]).max())


def points_outside(
    points: np.ndarray, height: int, width: int, reach: float = 0.0
) -> str:
    """Describe the first point outside a photo, for `POINT_OUTSIDE` errors.

    Args:
        points: (P, 2) x and y in pixels, counted from 0 at the centre of the
            first pixel. NaN (not labelled) is ignored.
        height: height of the photo in pixels.
        width: width of the photo in pixels.
        reach: tolerance beyond the photo's edge in pixels.

    Returns:
        A description of the first point outside; "" if all are inside.

    Example:

    >>> points_outside(np.array([[9.5, 0.0], [10.0, 0.0]]), 10, 10)
    'x2, y2 is (10, 0) in a photo 10 wide, 10 high'
    >>> points_outside(np.array([[9.5, -0.5]]), 10, 10)
    ''
    """
    most = np.array([width, height]) - 0.5 + reach
    outside = (points < -0.5 - reach) | (points > most)
    if not outside.any():
        return ""
    where = f"in a photo {width} wide, {height} high"
    return f"{_first_point(points, outside)} {where}"


def _first_point(points: np.ndarray, wrong: np.ndarray) -> str:
    """Describe the first point (P, 2) with a wrong coordinate."""
    i = int(wrong.any(axis=1).argmax())
    x, y = points[i]
    return f"x{i + 1}, y{i + 1} is ({x:g}, {y:g})"
