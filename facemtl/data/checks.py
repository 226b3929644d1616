"""What can be wrong with a row of labels, and the one set of words for it.

A check raises `RowError`; the reader adds file and row and hands it to
`BadRows.report`, which stops or counts.
"""

import math
from collections.abc import Sequence

import numpy as np

from facemtl.errors import RowError
from facemtl.geometry.in_photo import IN_PHOTO, parts_in_photo
from facemtl.tasks import Task
from facemtl.words import plural

TRUNCATED = "truncated row"
TOO_LONG = "row too long"
INCOMPLETE = "incomplete row"
NOT_A_NUMBER = "NaN or not a number"
TOO_LARGE = "number too large"
BAD_BOX = "zero-size or inverted box"
BAD_CLASS = "class out of range"
BAD_SPLIT = "unknown split"
BAD_VISIBILITY = "unknown visibility"
POINT_OUTSIDE = "point outside the image"
NO_FACE = "no face found"
POINT_FAR = "point far from its box"
BOX_OUTSIDE = "box outside the photo"
# How far a label may lie, in sides of the face's box, before it is taken for
# another photo's, for swapped columns or for other units. Jaws do leave photos
# and boxes: of 1,675 faces with 68 points 49 have some beyond the photo's edge,
# by up to 0.21, and nearly all beyond the box, by up to 0.51. Of faces that are
# cut off by the edge, labels may lie farther: networks predict points there.
BEYOND_PHOTO = 1.0
BEYOND_BOX = 1.0
# How far the middle of a face's points may lie outside its box, in its sides:
# of 12,675 faces one lies 0.35 outside, in the box of the face beside.
MIDDLE_BEYOND_BOX = 0.5

# Networks compute with float32, which has no larger number.
LARGEST = float(np.finfo(np.float32).max)


def check_length(cells: Sequence[str], expected: int) -> None:
    """Raise `RowError` unless a row has `expected` fields."""
    if len(cells) != expected:
        raise RowError(
            TRUNCATED if len(cells) < expected else TOO_LONG,
            f"expected {expected} {plural(expected, 'field')}, "
            f"received {len(cells)}",
        )


def numbers(cells: Sequence[str], names: Sequence[str]) -> np.ndarray:
    """The cells as finite float64 numbers.

    Args:
        cells: the text of the fields.
        names: what each field is, for the message.

    Raises:
        RowError: if a cell is no number, NaN, infinite or too large.

    Example:

    >>> numbers(["1.5", "2"], ["left", "top"])
    array([1.5, 2. ])
    """
    values = [number(cell) for cell in cells]
    if all(-LARGEST <= value <= LARGEST for value in values):
        return np.array(values, np.float64)
    for value, cell, name in zip(values, cells, names, strict=True):
        if not math.isfinite(value):
            raise RowError(NOT_A_NUMBER, f"{name} is {cell!r}")
        if abs(value) > LARGEST:
            detail = f"{name} is {cell!r}, expected at most {LARGEST:.2g}"
            raise RowError(TOO_LARGE, detail)
    return np.array(values, np.float64)


def number(cell: str) -> float:
    """A cell as a number; NaN if it is none.

    Example:

    >>> number("-1.50"), number("1_000"), number("yes")
    (-1.5, nan, nan)
    """
    try:
        # Python's own 1_000 and digits of other scripts are no numbers of a
        # table.
        plain = cell.isascii() and "_" not in cell
        return float(cell) if plain else math.nan
    except ValueError:
        return math.nan


def class_code(cell: str, task: Task, first: int = 0) -> int:
    """The class of a cell: a class name, or a code counted from `first`.

    For files whose codes are known, as MTFL's; `facemtl.data.csv.classes`
    reads a user's.

    Returns:
        The class, counted from 0.

    Raises:
        RowError: if the cell is neither.

    Example:

    >>> from facemtl.tasks import SMILE
    >>> class_code("no", SMILE), class_code("2", SMILE, first=1)
    (1, 1)
    """
    if cell in task.names:
        return task.names.index(cell)
    if cell.lower() == "nan":
        raise RowError(NOT_A_NUMBER, f"{task.name} is {cell!r}")
    # Spreadsheets write a column of codes with gaps as 1.0, 2.0.
    code = number(cell) - first
    if code not in range(task.size):
        raise RowError(
            BAD_CLASS,
            f"{task.name} is {cell!r}, expected {', '.join(task.names)} or "
            f"{first} to {first + task.size - 1}",
        )
    return int(code)


def check_box(box: np.ndarray) -> None:
    """Raise `RowError` unless left < right and top < bottom.

    Args:
        box: (4,) left, top, right, bottom in pixels; may leave the image.
    """
    left, top, right, bottom = box.tolist()
    if not (left < right and top < bottom):
        raise RowError(
            BAD_BOX,
            f"left {left:g}, top {top:g}, right {right:g}, bottom {bottom:g}",
        )


def check_points_for_box(points: np.ndarray) -> None:
    """Raise `RowError` unless a box can be derived from a face's points.

    Args:
        points: (P, 2) x and y in pixels, NaN where missing. At least half of
            them must be there: the rectangle of fewer says little about where
            the face is.
    """
    known = points[np.isfinite(points).all(axis=1)]
    n = len(points)
    least = least_for_box(n)
    if len(known) < least:
        raise RowError(
            INCOMPLETE,
            f"{len(known)} of {n} points, and no box: expected a box, or at "
            f"least {least} points to derive it from",
        )
    if np.ptp(known, axis=0).max() == 0:
        raise RowError(BAD_BOX, "all points are the same, and no box")


def least_for_box(n: int) -> int:
    """How many of `n` points must be there to derive a box from.

    Example:

    >>> [least_for_box(n) for n in (1, 2, 5, 68)]
    [1, 2, 3, 34]
    """
    return max((n + 1) // 2, min(2, n))


def check_points_near(points: np.ndarray, box: np.ndarray) -> None:
    """Raise `RowError` if points do not belong to their box.

    None may lie more than a side away from it, nor the mean of half of them
    half a side.

    Args:
        points: (P, 2) x and y in pixels. NaN (not labelled) is never far.
        box: (4,) left, top, right, bottom in pixels.
    """
    left, top, right, bottom = box.tolist()
    side = max(right - left, bottom - top)
    reach = BEYOND_BOX * side
    # In plain Python: of a few points, NumPy takes five times as long.
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
    """Raise `RowError` if the points' mean lies beyond `reach` of their box."""
    known = [(x, y) for x, y in points.tolist() if not math.isnan(x + y)]
    if len(known) < least_for_box(len(points)):
        return  # So few points have their middle anywhere.
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
        height: of the photo, pixels.
        width: of the photo, pixels.

    Example:

    >>> check_box_in_photo(np.array([900.0, 10.0, 950.0, 60.0]), 300, 200)
    Traceback (most recent call last):
        ...
    facemtl.data.checks.RowError: box outside the photo: left 900, ...
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

    They may lie beyond its edge by at most a side of the box.

    Args:
        points: (P, 2) x and y in pixels. NaN (not labelled) is never outside.
        box: (4,) left, top, right, bottom in pixels.
        height: of the photo, pixels.
        width: of the photo, pixels.
    """
    reach = BEYOND_PHOTO * larger_side(box)
    outside = points_outside(points, height, width, reach)
    if outside:
        raise RowError(POINT_OUTSIDE, outside)


def larger_side(box: np.ndarray) -> float:
    """The larger side of a box (4,) left, top, right, bottom."""
    return float((box[2:] - box[:2]).max())


def points_outside(
    points: np.ndarray, height: int, width: int, reach: float = 0.0
) -> str:
    """Which point leaves the photo, for a `POINT_OUTSIDE` report.

    Args:
        points: (P, 2) x and y in pixels, counted from 0 at the centre of the
            first pixel. NaN (not labelled) is never outside.
        height: of the photo, pixels.
        width: of the photo, pixels.
        reach: how far beyond the photo's edge is still inside, pixels.

    Returns:
        The first point that lies outside, in words; "" if all are inside.

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
    """The first point (P, 2) with a wrong coordinate, in words."""
    i = int(wrong.any(axis=1).argmax())
    x, y = points[i]
    return f"x{i + 1}, y{i + 1} is ({x:g}, {y:g})"
