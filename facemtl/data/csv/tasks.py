"""Read the `tasks.toml` of a CSV, with its tasks and codes.

    [[task]]             # As `facemtl.load_tasks` reads them.
    name = "mood"
    kind = "classes"
    names = ["calm", "cross"]

    [codes.smile]        # {cell of the column: class name}
    "0" = "no"
    "1" = "yes"

A file may have only codes; the tasks are then MTFL's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from facemtl.data.csv.codes import stated_codes
from facemtl.data.csv.text import joined
from facemtl.errors import InputError
from facemtl.tasks import (
    MTFL_TASKS,
    Task,
    find_layout,
    read_tasks_toml,
    tasks_of,
)

FILE = "tasks.toml"
Codes = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Declared:
    """The content of a `tasks.toml`.

    Attributes:
        file: the file; None if there is none.
        tasks: the declared tasks; None if none are declared.
        codes: {task: {cell: class name}}.
    """

    file: Path | None = None
    tasks: tuple[Task, ...] | None = None
    codes: Codes = field(default_factory=dict)

    def check_codes(self, tasks: Iterable[Task]) -> None:
        """Check that each code has a known task, a known class and one meaning.

        Args:
            tasks: the tasks of the faces. Tasks that the file declares are
                known too; MTFL's tasks are known if it declares none.

        Raises:
            InputError: at the first invalid code.
        """
        own = MTFL_TASKS if self.tasks is None else self.tasks
        known = {task.name: task for task in (*own, *tasks)}
        for name, coding in self.codes.items():
            task = known.get(name)
            if task is None or task.kind != "classes":
                classes = [t.name for t in known.values() if t.names]
                classes = [n for n in classes if known[n].kind == "classes"]
                raise InputError(
                    f"{self.file}: expected [codes.…] of a task of classes "
                    f"among {joined(classes) or 'none'}. Received: "
                    f"[codes.{name}]."
                )
            try:
                stated_codes(task, coding)
            except InputError as error:
                raise InputError(f"{self.file}: {error}") from None


def declared_beside(csv: Path) -> Declared:
    """Read the `tasks.toml` in the folder of a CSV, if there is one."""
    file = csv.with_name(FILE)
    return read_declared(file) if file.is_file() else Declared()


def read_declared(file: str | Path) -> Declared:
    """Read a `tasks.toml`, or a layout of the package by its name.

    Raises:
        InputError: if it cannot be read, has neither tasks nor codes, or has
            anything else.
    """
    file = find_layout(file)
    content = read_tasks_toml(file)
    unknown = set(content) - {"task", "codes"}
    if unknown or not content:
        raise InputError(
            f"{file}: expected [[task]] tables and [codes.TASK] tables. "
            f"Received: {joined(sorted(unknown)) or 'none'}."
        )
    tasks = None
    if "task" in content:
        try:
            tasks = tasks_of(content["task"], file)
        except InputError as error:  # Not all of them name the file.
            said = str(error).removeprefix(f"{file}: ")
            raise InputError(f"{file}: {said}") from None
    points = [t.name for t in tasks or () if t.kind == "landmarks"]
    if len(points) > 1:
        raise InputError(
            f"{file}: expected at most one task of landmarks, since a CSV has "
            f"one set of columns x1 ... y1 .... Received: {joined(points)}. "
            "Put their points into one."
        )
    return Declared(file, tasks, _codes(content.get("codes", {}), file))


def _codes(tables: Any, file: Path) -> Codes:
    """Check the `[codes.…]` tables: {task: {cell: class name}}."""
    if not isinstance(tables, Mapping):
        raise InputError(
            f"{file}: expected [codes.TASK] tables. Received: codes = "
            f"{tables!r}."
        )
    for name, coding in tables.items():
        if not (
            isinstance(coding, Mapping)
            and coding
            and all(key.strip() for key in coding)  # "" means unlabelled
            and all(isinstance(x, str) for x in coding.values())
        ):
            raise InputError(
                f"{file}: expected [codes.{name}] with cells as keys (in "
                'quotes) and class names, such as "0" = "no". Received: '
                f"{coding!r}."
            )
    return {
        name: {cell.strip(): to for cell, to in coding.items()}
        for name, coding in tables.items()
    }
