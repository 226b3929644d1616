"""Reading of user-defined tasks from a TOML file."""

from functools import cache
from pathlib import Path
from typing import Any

from facemtl.errors import InputError
from facemtl.files.toml_file import load_toml
from facemtl.tasks.layouts import find_layout
from facemtl.tasks.task import Task

MOST_TASKS = 1000


def load_tasks(path: str | Path) -> tuple[Task, ...]:
    """Read user-defined tasks from a TOML file.

    Each `[[task]]` table has the keys `name`, `kind`, `names` (of points or
    classes) and `mirror`: pairs of names that swap in a mirrored photo, or
    `"same"` or `"negate"` for a value. A task of landmarks may name the
    `normalizer` of its scores.

    Args:
        path: a TOML file such as

            [[task]]
            name = "landmarks"
            kind = "landmarks"
            names = ["left ear", "right ear", "chin"]
            mirror = [["left ear", "right ear"]]
            normalizer = { name = "ears", ends = ["left ear", "right ear"] }

            or the name of a layout of the package: `"points68"` (iBUG, 300-W)
            or `"points98"` (WFLW).

    Returns:
        The tasks, in the order of the file.

    Raises:
        InputError: if the file cannot be read or a task is malformed.

    Example:

    >>> load_tasks("points68")[0].normalizer.ends
    (('left eye 1',), ('right eye 4',))
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "tasks.toml")
    ...     _ = file.write_text('''
    ...         [[task]]
    ...         name = "hat"
    ...         kind = "classes"
    ...         names = ["none", "cap"]
    ...     ''')
    ...     [task.names for task in load_tasks(file)]
    [('none', 'cap')]
    """
    return tasks_of(read_tasks_toml(path).get("task"), path)


@cache
def load_layout(name: str) -> Task:
    """Return the landmarks task of a layout, one of `layout_names()`.

    Example:

    >>> load_layout("points98").size
    98
    """
    (task,) = load_tasks(name)
    return task


def read_tasks_toml(path: str | Path) -> dict[str, Any]:
    """Return the content of a TOML; raise `InputError` if it is unreadable."""
    return load_toml(find_layout(path), "a TOML of tasks")


def tasks_of(entries: Any, path: str | Path) -> tuple[Task, ...]:
    """Return the tasks of a TOML's `[[task]]` tables; see `load_tasks`."""
    if not isinstance(entries, list) or not entries:
        raise InputError(f"{path}: expected [[task]] tables. Received none.")
    if len(entries) > MOST_TASKS:
        raise InputError(
            f"{path}: expected at most {MOST_TASKS:,} [[task]] tables. "
            f"Received: {len(entries):,}."
        )
    tasks = tuple(Task.from_dict(entry) for entry in entries)
    if len({task.name for task in tasks}) < len(tasks):
        raise InputError(f"{path}: expected distinct task names.")
    return tasks
