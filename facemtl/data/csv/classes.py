"""Read the cells of a class column as names or codes.

Class names are always recognised. Codes count from 0 in the order of the names,
or have the meaning that `[codes.TASK]` of `tasks.toml` states. A column of
ambiguous codes is an error.
"""

import math
from collections.abc import Iterable, Mapping, Sequence

from facemtl.data.checks import BAD_CLASS, NOT_A_NUMBER, number
from facemtl.data.csv.codes import (
    check_codes,
    counted_code,
    find_code,
    name_code,
    stated_codes,
)
from facemtl.data.csv.text import joined
from facemtl.errors import RowError
from facemtl.tasks import Task

Cell = tuple[str, str]  # Its place in the file and its text; never empty.


class ClassColumn:
    """Read the cells of one class column.

    Args:
        task: the column's task.
        cells: all non-empty cells of the column.
        stated: {cell: class name}; see `facemtl.data.csv.tasks`.

    Raises:
        InputError: for a column of ambiguous codes.

    Example:

    >>> mood = Task("mood", "classes", ("calm", "cross"))
    >>> column = ClassColumn(mood, [("row 2", "Cross"), ("row 3", "calm")])
    >>> column.code("CROSS"), column.by_codes
    (1, False)
    """

    def __init__(
        self,
        task: Task,
        cells: Sequence[Cell],
        stated: Mapping[str, str] | None = None,
    ) -> None:
        self.task = task
        self._stated = stated_codes(task, stated or {})
        self._known: dict[str, int] = {}  # cached results of `code`
        first: dict[str, str] = {}  # {text: the first place that has it}
        for where, text in cells:
            first.setdefault(text, where)
        named = [x for x in first if name_code(x, task) is not None]
        coded = [x for x in first if counted_code(x, task) is not None]
        self._name_at = (first[named[0]], named[0]) if named else None
        self.by_codes = bool(coded and not named and not stated)
        self.lacks_zero = task.size > 2 and 0 not in map(number, first)
        if self.by_codes:
            check_codes(task, first)

    def code(self, cell: str) -> int:
        """Return the class of a cell, counted from 0.

        Raises:
            RowError: if the cell is not a class of this column.
        """
        if cell not in self._known:
            self._known[cell] = self._read(cell)
        return self._known[cell]

    def _read(self, cell: str) -> int:
        name = name_code(cell, self.task)
        if name is not None:
            return name
        if self._stated:
            stated = find_code(cell, self._stated)
            if stated is not None:
                return stated
        code = counted_code(cell, self.task)
        if code is None or self._stated:
            raise self._unknown(cell)
        if self._name_at is None:
            return code
        where, other = self._name_at
        raise RowError(
            BAD_CLASS,
            f"{self.task.name} is {cell!r}, which would be the code of "
            f"{self.task.names[code]!r}, but {where} has the name {other!r}; "
            "expected names or codes in a column, not both",
        )

    def _unknown(self, cell: str) -> RowError:
        name, names = self.task.name, list(self.task.names)
        if cell.lower() == "nan":
            return RowError(NOT_A_NUMBER, f"{name} is {cell!r}")
        more = f" or, as [codes.{name}] states, {joined([*self._stated])}"
        if not self._stated:
            more = f" or 0 to {len(names) - 1}" if self.by_codes else ""
            if not self.by_codes and math.isfinite(number(cell)):
                more = f"; [codes.{name}] of tasks.toml may state numbers"
        return RowError(
            BAD_CLASS, f"{name} is {cell!r}, expected {joined(names)}{more}"
        )


def code_notes(columns: Iterable[ClassColumn]) -> tuple[str, ...]:
    """Return a line about each coding that was assumed, not stated.

    Columns with the same classes share a line.

    Example:

    >>> from facemtl.tasks import GENDER
    >>> code_notes([ClassColumn(GENDER, [("row 2", "0")])])[0]
    'gender: 0 is read as male, 1 as female; state another coding in \
[codes.gender] of tasks.toml.'
    """
    groups: dict[tuple[tuple[str, ...], bool], list[str]] = {}
    for column in columns:
        if column.by_codes:
            key = column.task.names, column.lacks_zero
            groups.setdefault(key, []).append(column.task.name)
    return tuple(_code_note(*key, tasks) for key, tasks in groups.items())


def _code_note(
    names: tuple[str, ...], lacks_zero: bool, tasks: Sequence[str]
) -> str:
    shown = [f"{i} as {name}" for i, name in enumerate(names)]
    if len(shown) > 3:
        shown = [*shown[:2], "…", shown[-1]]
    first, *rest = shown
    read = ", ".join([first.replace(" as ", " is read as ", 1), *rest])
    where = tasks[0] if len(tasks) == 1 else "TASK"
    doubt = " No cell is 0: do they count from 1?" if lacks_zero else ""
    return (
        f"{joined(tasks, 4)}: {read}; state another coding in "
        f"[codes.{where}] of tasks.toml.{doubt}"
    )
