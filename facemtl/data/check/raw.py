"""Explain why a CSV cannot be read, from its raw numbers.

A box of x, y, width, height is usually invalid as left, top, right, bottom, and
points from 0 to 1 lie far from a box in pixels. Reading stops at the first row.
"""

import re
from pathlib import Path

import numpy as np

from facemtl.data.check.readings import misread_boxes
from facemtl.data.check.seen import Seen
from facemtl.data.check.units import other_units
from facemtl.data.checks import number
from facemtl.data.csv.columns import BOX
from facemtl.data.csv.text import is_csv, read_table
from facemtl.data.faces import Faces
from facemtl.data.one_source import find_source
from facemtl.errors import InputError
from facemtl.photos.images import FolderImages
from facemtl.tasks import Task

POINT = re.compile("x([0-9]{1,6})")


def explained(error: InputError, source: str) -> InputError:
    """Return the error of a source that cannot be read, with hints.

    Args:
        error: the error that reading raised.
        source: the source, as the user gave it.

    Returns:
        An error of one line; the same error if there are no hints.
    """
    try:
        path = find_source(source)
        if not is_csv(path):
            return error
        seen = _as_it_stands(Path(path))
    except InputError:  # Not even a table: the error is sufficient.
        return error
    hints = [*other_units(seen), *misread_boxes(seen)] if len(seen) else []
    return InputError(" ".join([str(error), *(hint.text for hint in hints)]))


def _as_it_stands(path: Path) -> Seen:
    """Read points and boxes without checks; NaN where there is no number."""
    read = read_table(path)
    columns = [name.casefold() for name in read.header]
    table = [
        (number, dict(zip(columns, cells, strict=False)))
        for number, cells in read.rows
    ]
    named = sorted(int(m[1]) for m in map(POINT.fullmatch, columns) if m)
    points = np.array(
        [
            [[_number(row, f"x{i}"), _number(row, f"y{i}")] for i in named]
            for _, row in table
        ]
    ).reshape(len(table), len(named), 2)
    boxes = np.array(
        [[_number(row, side) for side in BOX] for _, row in table]
    ).reshape(len(table), 4)
    # A point with only one coordinate is missing.
    points[np.isnan(points).any(axis=2)] = np.nan
    names = tuple(f"point {i}" for i in named)
    tasks = (Task("landmarks", "landmarks", names),) if named else ()
    faces = Faces(
        tasks,
        FolderImages(path.parent),
        np.array([row.get("file", "") for _, row in table], str),
        np.array([f"{path.name}, row {number}" for number, _ in table], str),
        boxes,
        {task.name: points for task in tasks},
    )
    n = len(table)
    missing = np.isnan(boxes).any(axis=1)
    sizes = np.full((n, 2), np.nan)
    return Seen(faces, np.full(n, "train"), missing, np.ones(n, int), sizes)


def _number(row: dict[str, str], column: str) -> float:
    # Some spreadsheets write 1,5.
    value = number(row.get(column, "").replace(",", "."))
    return value if np.isfinite(value) else np.nan
