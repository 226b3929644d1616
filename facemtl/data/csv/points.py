"""The points of a row of a user's CSV, some of which may be missing."""

from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from facemtl.data.checks import BAD_VISIBILITY, INCOMPLETE, number, numbers
from facemtl.errors import RowError

VISIBILITIES = "0 (missing), 1 (occluded) or 2 (visible)"


def read_points(
    row: Mapping[str, str], n: int, visibility: bool = False
) -> np.ndarray | None:
    """The points of one face.

    A point whose cells are empty is missing. So is one of visibility 0,
    whatever its coordinates; 1 and 2 are labelled alike, as in COCO.

    Args:
        row: the cells by column: `x1` ... `xP`, `y1` ... `yP`.
        n: P, the points.
        visibility: whether there are columns `v1` ... `vP`.

    Returns:
        (P, 2) x and y in pixels, NaN where missing; None if all are.

    Raises:
        RowError: for half a point, no number or another visibility.

    Example:

    >>> read_points({"x1": "3", "x2": "", "y1": "4.5", "y2": ""}, 2)
    array([[3. , 4.5],
           [nan, nan]])
    """
    every = _columns(n)
    cells = [row[column] for column in every]
    if not visibility and all(cells):  # As in most rows.
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
    """x1, y1, x2, y2 and so on."""
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
    """The visibility of point `i` as "0", "1" or "2"; "" if not told."""
    if cell and number(cell) not in (0, 1, 2):
        raise RowError(
            BAD_VISIBILITY, f"v{i} is {cell!r}, expected {VISIBILITIES}"
        )
    return f"{number(cell):g}" if cell else ""
