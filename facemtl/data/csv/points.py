"""Read the points of a row of a CSV; some may be missing."""

from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from facemtl.data.checks import BAD_VISIBILITY, INCOMPLETE, number, numbers
from facemtl.errors import RowError

VISIBILITIES = "0 (missing), 1 (occluded) or 2 (visible)"


def read_points(
    row: Mapping[str, str], n: int, visibility: bool = False
) -> np.ndarray | None:
    """Read the points of one face.

    A point with empty cells is missing, and so is a point of visibility 0,
    whatever its coordinates. Visibilities 1 and 2 both mean labelled, as in
    COCO.

    Args:
        row: {column: cell}, with columns `x1` ... `xP`, `y1` ... `yP`.
        n: P, the number of points.
        visibility: whether there are columns `v1` ... `vP`.

    Returns:
        (P, 2) x and y in pixels, NaN if missing; None if all are missing.

    Raises:
        RowError: if only one coordinate is given, a cell is not a number, or a
            visibility is unknown.

    Example:

    >>> read_points({"x1": "3", "x2": "", "y1": "4.5", "y2": ""}, 2)
    array([[3. , 4.5],
           [nan, nan]])
    """
    every = _columns(n)
    cells = [row[column] for column in every]
    if not visibility and all(cells):  # the fast path for most rows
        return numbers(cells, every).reshape(n, 2)
    known = [i for i in range(1, n + 1) if _is_known(row, i, visibility)]
    if not known:
        return None
    columns = [f"{axis}{i}" for i in known for axis in "xy"]
    points = np.full((n, 2), np.nan)
    at = np.array(known) - 1
    points[at] = numbers([row[c] for c in columns], columns).reshape(-1, 2)
    return points


@lru_cache
def _columns(n: int) -> tuple[str, ...]:
    """Return the column names x1, y1, x2, y2 and so on."""
    return tuple(f"{axis}{i}" for i in range(1, n + 1) for axis in "xy")


def _is_known(row: Mapping[str, str], i: int, visibility: bool) -> bool:
    """Whether point `i`, counted from 1, is labelled."""
    x, y = row[f"x{i}"], row[f"y{i}"]
    visible = _visibility(row[f"v{i}"], i) if visibility else ""
    if visible == "0":
        return False
    if bool(x) != bool(y):
        empty, given = (f"x{i}", f"y{i}") if y else (f"y{i}", f"x{i}")
        raise RowError(
            INCOMPLETE,
            f"{empty} empty, {given} not, expected both or neither of a point",
        )
    if visibility and bool(x) != bool(visible):
        detail = f"v{i} empty, expected {VISIBILITIES}"
        if visible:
            detail = f"x{i}, y{i} empty, but v{i} is {visible}, not 0"
        raise RowError(INCOMPLETE, detail)
    return bool(x)


def _visibility(cell: str, i: int) -> str:
    """Return the visibility of point `i`: "0", "1" or "2"; "" if empty."""
    if cell and number(cell) not in (0, 1, 2):
        raise RowError(
            BAD_VISIBILITY, f"v{i} is {cell!r}, expected {VISIBILITIES}"
        )
    return f"{number(cell):g}" if cell else ""
