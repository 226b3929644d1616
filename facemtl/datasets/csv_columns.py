"""The columns of a user's CSV: which there are, and how to read a row."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from facemtl.datasets.boxes import derived_boxes
from facemtl.datasets.checks import (
    BAD_BOX,
    INCOMPLETE,
    RowError,
    check_box,
    check_points_near,
    class_code,
    numbers,
)
from facemtl.errors import InputError
from facemtl.tasks import MTFL_TASKS, Task, landmarks_task, load_tasks
from facemtl.words import plural

BOX = ("left", "top", "right", "bottom")
MOST_NAMES = 8  # in a message
_POINT = re.compile(r"[xy]\d+")


def point_columns(n: int) -> tuple[str, ...]:
    """The columns of `n` points, in order.

    >>> point_columns(2)
    ('x1', 'x2', 'y1', 'y2')
    """
    return tuple(f"{axis}{i}" for axis in "xy" for i in range(1, n + 1))


@dataclass(frozen=True)
class Columns:
    """A CSV's header, understood.

    Attributes:
        names: the header's cells.
        tasks: what the faces are labelled for; a task may lack columns.
        points: the landmarks task if the CSV has points, else None.
        labels: the tasks with a column of their own name.
    """

    names: tuple[str, ...]
    tasks: tuple[Task, ...]
    points: Task | None
    labels: tuple[Task, ...]

    def parse(
        self, row: Mapping[str, str]
    ) -> tuple[np.ndarray, dict[str, float | np.ndarray]]:
        """One face's box and the labels that it has.

        Args:
            row: the cells by column.

        Returns:
            (4,) left, top, right, bottom in pixels, and labels by task.

        Raises:
            RowError: if a cell cannot be used, box and points are missing, or
                a point lies far from its box.
        """
        if not row["file"]:
            raise RowError(INCOMPLETE, "file is empty")
        found: dict[str, float | np.ndarray] = {
            task.name: _label(row[task.name], task)
            for task in self.labels
            if row[task.name]
        }
        points = None
        if self.points is not None:
            cells = _numbers_or_none(row, point_columns(self.points.size))
            if cells is not None:
                points = found[self.points.name] = cells.reshape(2, -1).T
        return self._box(row, points), found

    def _box(
        self, row: Mapping[str, str], points: np.ndarray | None
    ) -> np.ndarray:
        """The row's box, else one derived from its points."""
        box = _numbers_or_none(row, BOX) if BOX[0] in self.names else None
        if box is not None:
            check_box(box)
            if points is not None:
                check_points_near(points, box)
            return box
        if points is None:
            raise RowError(INCOMPLETE, "neither box nor points")
        if np.ptp(points, axis=0).max() == 0:
            raise RowError(BAD_BOX, "all points are the same, and no box")
        return derived_boxes(points[np.newaxis], [row["file"]])[0]


def _numbers_or_none(
    row: Mapping[str, str], columns: Sequence[str]
) -> np.ndarray | None:
    """The numbers of some columns; None if all their cells are empty."""
    cells = [row[column] for column in columns]
    if not any(cells):
        return None
    empty = [c for c, cell in zip(columns, cells, strict=True) if not cell]
    if empty:
        raise RowError(
            INCOMPLETE,
            f"{', '.join(empty)} empty, expected all or none of "
            f"{columns[0]} to {columns[-1]}",
        )
    return numbers(cells, columns)


def _label(cell: str, task: Task) -> float:
    if task.kind == "value":
        return float(numbers([cell], [task.name])[0])
    return class_code(cell, task)


def read_columns(
    path: Path, names: Sequence[str], tasks: Sequence[Task] | None
) -> Columns:
    """Understand a header.

    Args:
        path: the CSV, for messages and for the `tasks.toml` beside it.
        names: the header's cells.
        tasks: what the columns are about; see `read_csv` for the default.

    Raises:
        InputError: if a column is unknown, missing or there twice, or a task
            bears the name of another column.
    """
    known = tuple(tasks or _default_tasks(path, names))
    points = landmarks_task(known)
    if not any(map(_POINT.fullmatch, names)):
        points = None
    labels = tuple(
        task
        for task in known
        if task.name in names and task.kind != "landmarks"
    )
    for task in labels:
        if task.name in ("file", "split", *BOX) or _POINT.fullmatch(task.name):
            raise InputError(
                f"{path}: expected task names other than the CSV's own "
                f"columns. Received: {task.name}."
            )
    _check_names(path, names, points, [task.name for task in labels])
    return Columns(tuple(names), known, points, labels)


def _default_tasks(path: Path, names: Sequence[str]) -> tuple[Task, ...]:
    """Those of the `tasks.toml` beside the CSV, else MTFL's with columns."""
    own = path.parent / "tasks.toml"
    if own.is_file():
        return load_tasks(own)
    has_points = any(map(_POINT.fullmatch, names))
    tasks = tuple(
        task
        for task in MTFL_TASKS
        if (has_points if task.kind == "landmarks" else task.name in names)
    )
    if not tasks:
        raise InputError(
            f"{path}: expected columns x1 ... y5 or of a task among "
            f"{', '.join(task.name for task in MTFL_TASKS[1:])}. "
            f"Received: {', '.join(names)}. Own points and tasks are declared "
            "in a tasks.toml beside the CSV."
        )
    return tasks


def _check_names(
    path: Path,
    names: Sequence[str],
    points: Task | None,
    labels: Sequence[str],
) -> None:
    """Raise `InputError` unless the columns are known, whole and distinct."""
    needed = ["file", *point_columns(points.size if points else 0)]
    needed += BOX if set(BOX) & set(names) else ()
    known = {*needed, *labels, "split"}
    faults = {
        "missing": [name for name in needed if name not in names],
        "unknown": [name or "(no name)" for name in names if name not in known],
        "twice": [n for n in dict.fromkeys(names) if names.count(n) > 1],
    }
    if any(faults.values()):
        n = points.size if points else 0
        size = f", with {n} {plural(n, 'point')}" if n else ""
        received = "; ".join(
            f"{k}: {_first_few(v)}" for k, v in faults.items() if v
        )
        raise InputError(
            f"{path}: expected columns file, x1 ... y1 ..., left, top, right, "
            f"bottom, split and names of tasks{size}. Received: {received}. "
            "Own points and tasks are declared in a tasks.toml beside the CSV."
        )


def _first_few(names: Sequence[str]) -> str:
    """Names in a line; of many, as of 63 points too many, how many more."""
    more = len(names) - MOST_NAMES
    rest = f" and {more} more" if more > 0 else ""
    return ", ".join(names[:MOST_NAMES]) + rest
