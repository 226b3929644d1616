"""The class that a cell stands for, by name, by number or by a stated code."""

import re
import unicodedata
from collections.abc import Iterable, Mapping

from facemtl.data.checks import number
from facemtl.data.csv.boolean_names import begins_with_yes, boolean_of
from facemtl.data.csv.text import joined
from facemtl.errors import InputError
from facemtl.tasks import Task


def name_code(cell: str, task: Task) -> int | None:
    """Return the class that a cell names, in any case or as an equal number.

    The cells true, false, yes and no name the classes of a pair such as
    `("with glasses", "without glasses")`.

    Example:

    >>> task = Task("stars", "classes", ("1", "2", "3"))
    >>> name_code("1.0", task), name_code("0", task)
    (0, None)
    """
    codes = {name: i for i, name in enumerate(task.names)}
    found = find_code(cell, codes)
    return boolean_of(cell, task.names) if found is None else found


def find_code(cell: str, codes: Mapping[str, int]) -> int | None:
    """Return the code of a text, or of the only text that is nearly equal.

    Nearly equal texts differ only in case, or in zeros, as in 01 and 1.0.
    """
    if cell in codes:
        return codes[cell]
    folded, value = _folded(cell), number(cell)
    for alike in (
        {code for text, code in codes.items() if _folded(text) == folded},
        {code for text, code in codes.items() if number(text) == value},
    ):
        if len(alike) == 1:
            return alike.pop()
    return None


def _folded(text: str) -> str:
    """Normalise what a reader does not see: case and kinds of blanks.

    `u` with two dots may be one character or two.
    """
    return " ".join(unicodedata.normalize("NFC", text.casefold()).split())


def stated_codes(task: Task, stated: Mapping[str, str]) -> dict[str, int]:
    """Convert stated class names to codes: {cell: code}.

    Raises:
        InputError: if the task lacks a class, or a cell has two meanings.
    """
    where = f"[codes.{task.name}]"
    unknown = [name for name in stated.values() if name not in task.names]
    if unknown:
        raise InputError(
            f"{where}: expected the class names {joined(task.names)}. "
            f"Received: {joined(unknown)}."
        )
    codes = {cell: task.names.index(name) for cell, name in stated.items()}
    for cell, code in codes.items():
        others = {k: v for k, v in codes.items() if k != cell}
        if {name_code(cell, task), find_code(cell, others)} - {None, code}:
            raise InputError(
                f"{where}: expected cells of one meaning each. Received: "
                f"{cell!r} as {task.names[code]!r}, and as another class."
            )
    return codes


def counted_code(cell: str, task: Task) -> int | None:
    """Return the class with the code in a cell, if codes are unambiguous."""
    value = number(cell)
    if value not in range(task.size) or not _may_be_coded(task.names):
        return None
    return int(value)


def _may_be_coded(names: Iterable[str]) -> bool:
    """Whether a number in a cell can only be a code.

    This is not so if a name is a number, begins with a number (`20-29`, `2+`),
    or is counted from another number (`type 1`, `type 2`).
    """
    for i, name in enumerate(names):
        digits = re.findall(r"\d+", name)
        begins = re.match(r"\W*\d", name)
        if begins or digits not in ([], [str(i)]) or name.isnumeric():
            return False
    return True


def check_codes(task: Task, first: Mapping[str, str]) -> None:
    """Check that codes count from 0.

    Args:
        task: the column's task.
        first: {cell: the first place that has it}.

    Raises:
        InputError: if the codes may count in another way.
    """
    values = set(map(number, first))
    cell, where = next(iter(first.items()))
    n, names = task.size, task.names
    coding = ", ".join(f"{i} {name}" for i, name in enumerate(names))
    if begins_with_yes(names):
        why = (
            f"of {names[0]} and {names[1]}, 0 would be {names[0]} and 1 "
            f"{names[1]}, but most files mean the opposite"
        )
        more = " and so on" if n > 2 else ""
        pair = f'"0" = "{names[1]}" and "1" = "{names[0]}"{more}'
    elif 0 not in values and n in values:
        why = f"the column counts from 1, codes count from 0: {coding}"
        pair = f'"1" = "{names[0]}" and so on'
    elif n == 2 and -1 in values and values <= {-1, 1}:
        why = f"the column holds -1 and 1, codes count from 0: {coding}"
        pair = f'"-1" = "{names[0]}" and "1" = "{names[1]}"'
    else:
        return
    raise InputError(
        f"{where}: {task.name} is {cell!r}; {why}. Write the class names, or "
        f"state the coding in a tasks.toml beside the CSV: [codes.{task.name}] "
        f"with {pair}."
    )
