"""Read the header of a CSV: its columns and their meaning."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from facemtl.data.csv.table import Table
from facemtl.data.csv.tasks import Declared
from facemtl.data.csv.text import joined
from facemtl.errors import InputError
from facemtl.tasks import (
    MTFL_TASKS,
    Task,
    landmarks_task,
    layout_names,
    load_layout,
)
from facemtl.words import plural

BOX = ("left", "top", "right", "bottom")
DECLARE = "Own points and tasks are declared in a tasks.toml beside the CSV."
ORDERS = {"points68": "iBUG (300-W)", "points98": "WFLW"}
INDEX = (
    "The first column looks like an index: leave it out (pandas: "
    "to_csv(..., index=False))."
)
# Names of the index that pandas writes, and of the same column read again.
_INDEX = re.compile(r"(unnamed: 0(\.\d+)?)?|index", re.IGNORECASE)
_POINT = re.compile("[xyv][0-9]+")


def point_columns(n: int) -> tuple[str, ...]:
    """Return the names of the columns of `n` points, in order.

    >>> point_columns(2)
    ('x1', 'x2', 'y1', 'y2')
    """
    return tuple(f"{axis}{i}" for axis in "xy" for i in range(1, n + 1))


def visibility_columns(n: int) -> tuple[str, ...]:
    """Return the names of the columns with the visibility of `n` points.

    >>> visibility_columns(2)
    ('v1', 'v2')
    """
    return tuple(f"v{i}" for i in range(1, n + 1))


@dataclass(frozen=True)
class Columns:
    """The columns of a CSV.

    Attributes:
        names: the names of the columns, as facemtl writes them.
        tasks: the tasks of the faces; a task may have no columns.
        points: the landmarks task if the CSV has points, else None.
        labels: the tasks with a column of the same name.
    """

    names: tuple[str, ...]
    tasks: tuple[Task, ...]
    points: Task | None
    labels: tuple[Task, ...]

    def numeric(self) -> set[str]:
        """Return the columns that have only numbers."""
        values = {task.name for task in self.labels if task.kind == "value"}
        return {*BOX, *filter(_POINT.fullmatch, self.names), *values}


def check_task_names(path: Path, tasks: Iterable[Task]) -> None:
    """Raise `InputError` if a task has the name of another column."""
    for task in tasks:
        if _is_own(task.name.casefold()):
            raise InputError(
                f"{path}: expected task names other than the CSV's own "
                f"columns. Received: {task.name}."
            )


def _is_own(name: str) -> bool:
    fixed = name in ("file", "split", *BOX)
    return fixed or _POINT.fullmatch(name) is not None


def read_columns(
    table: Table, tasks: Sequence[Task] | None, declared: Declared
) -> Columns:
    """Read a header; the case of names is ignored.

    Args:
        table: the CSV.
        tasks: the tasks of the columns. By default, the tasks of `declared`,
            or else those of `MTFL_TASKS` that have columns.
        declared: the content of `tasks.toml`.

    Raises:
        InputError: if a column is unknown, missing or repeated, or a task has
            the name of another column.
    """
    known = tuple(tasks or declared.tasks or MTFL_TASKS)
    named = [task for task in known if task.kind != "landmarks"]
    own_names = [task.name for task in named]
    names = tuple(_known_name(cell, own_names) for cell in table.header)
    has_points = any(map(_POINT.fullmatch, names))
    if not (tasks or declared.tasks):
        known = _mtfl_tasks(table, names, has_points)
    labels = tuple(task for task in named if task.name in names)
    check_task_names(table.path, labels)
    points = landmarks_task(known) if has_points else None
    _check_names(table, names, points, [task.name for task in labels])
    return Columns(names, known, points, labels)


def _known_name(cell: str, tasks: Sequence[str]) -> str:
    """Return the column that a cell names; the cell itself if unknown."""
    folded = cell.casefold()
    if cell in tasks or _is_own(folded):
        return cell if cell in tasks else folded
    alike = [name for name in tasks if name.casefold() == folded]
    return alike[0] if len(alike) == 1 else cell


def _mtfl_tasks(
    table: Table, names: Sequence[str], has_points: bool
) -> tuple[Task, ...]:
    """Return the tasks of MTFL that have columns."""
    tasks = tuple(
        task
        for task in MTFL_TASKS
        if (has_points if task.kind == "landmarks" else task.name in names)
    )
    if not tasks:
        raise InputError(
            f"{table.path}: expected columns x1 ... y5 or of a task among "
            f"{', '.join(task.name for task in MTFL_TASKS[1:])}. "
            f"Received, {table.separated}: {joined(names)}. {DECLARE}"
        )
    return tasks


def _check_names(
    table: Table,
    names: Sequence[str],
    points: Task | None,
    labels: Sequence[str],
) -> None:
    """Raise `InputError` unless all columns are known, complete and unique."""
    n = points.size if points else 0
    needed = ["file", *point_columns(n)]
    visible = set(visibility_columns(n)) & set(names)
    needed += visibility_columns(n) if visible else ()
    needed += BOX if set(BOX) & set(names) else ()
    known = {*needed, *labels, "split"}
    faults = {
        "missing": [name for name in needed if name not in names],
        "unknown": [name or "(no name)" for name in names if name not in known],
        "twice": [n for n in dict.fromkeys(names) if names.count(n) > 1],
    }
    if any(faults.values()):
        size = f", with {n} {plural(n, 'point')}" if n else ""
        received = "; ".join(
            f"{k}: {joined(v)}" for k, v in faults.items() if v
        )
        advice = INDEX if _INDEX.fullmatch(names[0]) else _declare(names)
        raise InputError(
            f"{table.path}: expected columns file, x1 ... y1 ..., v1 ..., "
            f"left, top, right, bottom, split and names of tasks{size}. "
            f"Received, {table.separated}: {received}. {advice}"
        )


def _declare(names: Sequence[str]) -> str:
    """Return how to declare tasks, and the layout of as many points if any."""
    for name in layout_names():
        size = load_layout(name).size
        if set(point_columns(size)) == {
            x for x in names if re.fullmatch("[xy][0-9]+", x)
        }:
            return (
                f"{DECLARE} For {size} points in the order of "
                f"{ORDERS[name]}, set data.tasks={name} (facemtl fit, facemtl "
                f"data check: --set data.tasks={name})."
            )
    return DECLARE
