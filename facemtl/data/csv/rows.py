"""Read the box and the labels of a row of a CSV."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from facemtl.data.boxes import derived_boxes
from facemtl.data.checks import (
    INCOMPLETE,
    check_box,
    check_points_for_box,
    numbers,
)
from facemtl.data.csv.classes import ClassColumn
from facemtl.data.csv.columns import BOX, Columns
from facemtl.data.csv.points import read_points
from facemtl.data.place_checks import check_points_near
from facemtl.errors import RowError
from facemtl.tasks import Task

NOTHING = (
    "neither box nor points; data.boxes = 'detect' detects the face "
    "(facemtl evaluate: --boxes detect)"
)
Labels = Mapping[str, float | np.ndarray]


@dataclass(frozen=True)
class RowReader:
    """Read the rows of one CSV.

    Args:
        columns: the columns of the CSV.
        classes: {task: its class column}.
        boxes: `"derived"` derives all boxes from the points, `"auto"` only
            missing boxes; `"detect"` leaves missing boxes NaN.
    """

    columns: Columns
    classes: Mapping[str, ClassColumn]
    boxes: str = "auto"

    def read(self, row: Mapping[str, str]) -> tuple[np.ndarray, Labels]:
        """Read the box of one face, and the labels that it has.

        Args:
            row: {column: cell}.

        Returns:
            (4,) left, top, right, bottom in pixels, and labels by task.

        Raises:
            RowError: if a cell cannot be used, box and points are missing, or
                a point lies far from its box.
        """
        if not row["file"]:
            raise RowError(INCOMPLETE, "file is empty")
        found: dict[str, float | np.ndarray] = {
            task.name: self._label(row[task.name], task)
            for task in self.columns.labels
            if row[task.name]
        }
        points, task = None, self.columns.points
        if task is not None:
            visibility = "v1" in self.columns.names
            points = read_points(row, task.size, visibility)
            if points is not None:
                found[task.name] = points
        return self._box(row, points), found

    def _label(self, cell: str, task: Task) -> float:
        if task.kind == "value":
            return float(numbers([cell], [task.name])[0])
        return self.classes[task.name].code(cell)

    def _box(
        self, row: Mapping[str, str], points: np.ndarray | None
    ) -> np.ndarray:
        """Return the row's box, or derive one from its points."""
        given = BOX[0] in self.columns.names and self.boxes != "derived"
        box = _numbers_or_none(row, BOX) if given else None
        if box is not None:
            check_box(box)
            if points is not None:
                check_points_near(points, box)
            return box
        if self.boxes == "detect":
            return np.full(4, np.nan)
        return _derived_box(row["file"], points, self.boxes == "derived")


def _derived_box(
    name: str, points: np.ndarray | None, always: bool
) -> np.ndarray:
    """Derive a box from the points; raise `RowError` if too few are known."""
    if points is None:
        asked = "no points; data.boxes = 'derived' derives the box from them"
        raise RowError(INCOMPLETE, asked if always else NOTHING)
    check_points_for_box(points)
    return derived_boxes(points[np.newaxis], [name])[0]


def _numbers_or_none(
    row: Mapping[str, str], columns: Sequence[str]
) -> np.ndarray | None:
    """Read the numbers of some columns; None if all cells are empty."""
    cells = [row[column] for column in columns]
    if all(cells):
        return numbers(cells, columns)
    if not any(cells):
        return None
    empty = [c for c, cell in zip(columns, cells, strict=True) if not cell]
    raise RowError(
        INCOMPLETE,
        f"{', '.join(empty)} empty, expected all or none of "
        f"{columns[0]} to {columns[-1]}",
    )
