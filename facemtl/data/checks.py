"""Checks of a row of labels, and the names of all errors.

A check raises `RowError`. The reader adds file and row and passes the error to
`BadRows.report`, which stops or counts.
"""

import math
from collections.abc import Sequence

import numpy as np

from facemtl.errors import RowError
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
# The largest float32, the precision of networks.
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
    """Return cells as finite float64 numbers.

    Args:
        cells: texts of the fields.
        names: names of the fields, for the message.

    Raises:
        RowError: if a cell is not a number, NaN, infinite or too large.

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
    """Return a cell as a number, or NaN if it is not one.

    Example:

    >>> number("-1.50"), number("1_000"), number("yes")
    (-1.5, nan, nan)
    """
    try:
        # Python also accepts 1_000 and digits of other scripts; tables do not
        # use them.
        plain = cell.isascii() and "_" not in cell
        return float(cell) if plain else math.nan
    except ValueError:
        return math.nan


def class_code(cell: str, task: Task, first: int = 0) -> int:
    """Return the class of a cell: a class name, or a code from `first`.

    This is for files with known codes, such as MTFL's.
    `facemtl.data.csv.classes` reads those of other CSVs.

    Returns:
        The class, counted from 0.

    Raises:
        RowError: if the cell is neither name nor code.

    Example:

    >>> from facemtl.tasks import SMILE
    >>> class_code("no", SMILE), class_code("2", SMILE, first=1)
    (1, 1)
    """
    if cell in task.names:
        return task.names.index(cell)
    if cell.lower() == "nan":
        raise RowError(NOT_A_NUMBER, f"{task.name} is {cell!r}")
    # Spreadsheets write codes in a column with gaps as 1.0, 2.0.
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
        box: (4,) left, top, right, bottom in pixels; may exceed the image.
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
        points: (P, 2) x and y in pixels, NaN if missing. At least half of them
            must be labelled: fewer do not locate the face well enough.
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
    """Return how many of `n` points are needed to derive a box.

    Example:

    >>> [least_for_box(n) for n in (1, 2, 5, 68)]
    [1, 2, 3, 34]
    """
    return max((n + 1) // 2, min(2, n))
