"""What a cell says of a class: its name, its number, or a stated code."""

import re
import unicodedata
from collections.abc import Iterable, Mapping

from facemtl.data.checks import number
from facemtl.data.csv.boolean_names import begins_with_yes, boolean_of
from facemtl.data.csv.text import joined
from facemtl.errors import InputError
from facemtl.tasks import Task


def name_code(cell: str, task: Task) -> int | None:
    """The class that a cell names: as it stands, in any case, or as a number.

    Cells true, false, yes and no name the classes of a pair such as `("with
    glasses", "without glasses")`.

    Example:

    >>> task = Task("stars", "classes", ("1", "2", "3"))
    >>> name_code("1.0", task), name_code("0", task)
    (0, None)
    """
    codes = {name: i for i, name in enumerate(task.names)}
    found = find_code(cell, codes)
    return boolean_of(cell, task.names) if found is None else found


def find_code(cell: str, codes: Mapping[str, int]) -> int | None:
    """The code of a text, else of the only one that looks the same but for
    case or zeros.

    Zeros as in 01 and 1.0, which are the same number.
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
    """A text without what a reader does not see: case, kinds of blanks.

    Also `u` with two dots in one sign or two, as different systems write it.
    """
    return " ".join(unicodedata.normalize("NFC", text.casefold()).split())


def stated_codes(task: Task, stated: Mapping[str, str]) -> dict[str, int]:
    """What cells mean as codes, from what they mean as class names.

    Raises:
        InputError: for a class that the task lacks, or a cell that means
            another class, too.
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
    """The class whose code a cell is, where names leave no doubt of codes."""
    value = number(cell)
    if value not in range(task.size) or not _may_be_coded(task.names):
        return None
    return int(value)


def _may_be_coded(names: Iterable[str]) -> bool:
    """Whether a number among the cells can only be a code from 0.

    Not where a name is a number, or begins with one as `20-29` and `2+`, or
    counts otherwise, as `type 1` does before `type 2`.
    """
    for i, name in enumerate(names):
        digits = re.findall(r"\d+", name)
        begins = re.match(r"\W*\d", name)
        if begins or digits not in ([], [str(i)]) or name.isnumeric():
            return False
    return True


def check_codes(task: Task, first: Mapping[str, str]) -> None:
    """Raise `InputError` for codes that count otherwise than from 0.

    Args:
        task: what the column is about.
        first: {cell: where it stands first}.
    """
    values = set(map(number, first))
    cell, where = next(iter(first.items()))
    n, names = task.size, task.names
    says = ", ".join(f"{i} {name}" for i, name in enumerate(names))
    if begins_with_yes(names):
        why = (
            f"of {names[0]} and {names[1]}, 0 would be {names[0]} and 1 "
            f"{names[1]}, but most files mean the opposite"
        )
        more = " and so on" if n > 2 else ""
        pair = f'"0" = "{names[1]}" and "1" = "{names[0]}"{more}'
    elif 0 not in values and n in values:
        why = f"the column counts from 1, codes count from 0: {says}"
        pair = f'"1" = "{names[0]}" and so on'
    elif n == 2 and -1 in values and values <= {-1, 1}:
        why = f"the column holds -1 and 1, codes count from 0: {says}"
        pair = f'"-1" = "{names[0]}" and "1" = "{names[1]}"'
    else:
        return
    raise InputError(
        f"{where}: {task.name} is {cell!r}; {why}. Write the class names, or "
        f"state the coding in a tasks.toml beside the CSV: [codes.{task.name}] "
        f"with {pair}."
    )
