"""Read one of iBUG's `.pts` files. It counts pixels from 1, like MATLAB:

version: 1
n_points: 68
{
446.0 91.0
…
}
"""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from facemtl.data.checks import NOT_A_NUMBER, TOO_LONG, TRUNCATED, numbers
from facemtl.errors import RowError
from facemtl.files.reading import MOST_SETTINGS, read_limited
from facemtl.words import plural

# From 1 to 999,999 points; a file that declares more is invalid.
SIZE = re.compile(r"0*[1-9][0-9]{0,5}")
NOT_PTS = "no .pts file"


def read_points(file: Path) -> np.ndarray:
    """Read the points of one file.

    Returns:
        (P, 2) x and y in pixels, counted from 0 at the first pixel's centre.

    Raises:
        RowError: if the file is not a valid `.pts` file.
    """
    try:
        data = read_limited(file, MOST_SETTINGS)
    except OSError as error:
        raise RowError(NOT_PTS, f"{error.strerror}") from None
    text = data.decode("utf-8-sig", "replace")
    rows = [(i, row.strip()) for i, row in enumerate(text.split("\n"), 1)]
    rows = [(i, row) for i, row in rows if row]
    marks = [row for _, row in rows]
    if "{" not in marks or "}" not in marks[marks.index("{") :]:
        raise RowError(NOT_PTS, "expected points between { and }")
    start = marks.index("{")
    points = rows[start + 1 : marks.index("}", start)]
    size = _declared(marks[:start])
    if len(points) != size:
        raise RowError(
            TRUNCATED if len(points) < size else TOO_LONG,
            f"n_points is {size}, but {len(points)} "
            f"{plural(len(points), 'row')} of points",
        )
    # MATLAB counts from 1.
    return np.array([_point(i, row) for i, row in points]) - 1.0


def _declared(header: Sequence[str]) -> int:
    """Return the number of points in a file's header."""
    for row in header:
        key, _, value = row.partition(":")
        size = value.strip()
        if key.strip() == "n_points" and SIZE.fullmatch(size):
            return int(size)
    raise RowError(NOT_PTS, "expected n_points: and a number before {")


def _point(row: int, text: str) -> np.ndarray:
    cells = text.split()
    if len(cells) != 2:
        raise RowError(NOT_A_NUMBER, f"row {row} is {text!r}, expected x y")
    try:
        return numbers(cells, ("x", "y"))
    except RowError as error:
        raise RowError(error.reason, f"row {row}: {error.detail}") from None
