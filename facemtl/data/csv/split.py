"""Read the column `split` of a CSV."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from facemtl.data.checks import BAD_SPLIT, number
from facemtl.data.csv.table import Table
from facemtl.data.csv.text import joined
from facemtl.errors import InputError, RowError
from facemtl.words import plural

SPLITS = ("train", "val", "test")
WORDS = {
    "train": ("train", "training", "trn", "learn"),
    "val": ("val", "valid", "validation", "dev"),
    "test": ("test", "testing", "tst", "eval", "evaluation", "holdout"),
}
_SPLIT_OF = {word: split for split, words in WORDS.items() for word in words}
EXPECTED = "train, val or test (or {}, in any case)".format(
    ", ".join(w for words in WORDS.values() for w in words[1:])
)


def split_of(cell: str) -> str:
    """Return the split that a cell names.

    Args:
        cell: one of `WORDS`, in any case.

    Returns:
        `"train"`, `"val"` or `"test"`.

    Raises:
        RowError: for any other cell. Numbers are not guessed, since their
            meaning differs between programs.

    Example:

    >>> split_of("Training"), split_of("DEV")
    ('train', 'val')
    """
    split = _SPLIT_OF.get(cell.casefold())
    if split is None:
        digits = not math.isnan(number(cell.replace(",", ".")))
        why = "; numbers are not guessed, write the words" if digits else ""
        raise RowError(
            BAD_SPLIT, f"split is {cell!r}, expected {EXPECTED}{why}"
        )
    return split


def split_counts(cells: Sequence[str]) -> Counter[str]:
    """Count the cells that name each split, and ignore other cells.

    Example:

    >>> split_counts(["Test", "train", "?", "train"])
    Counter({'train': 2, 'test': 1})
    """
    words = (_SPLIT_OF.get(cell.casefold()) for cell in cells)
    return Counter(word for word in words if word)


def counted(counts: Mapping[str, int]) -> str:
    """Return the number of rows of each split, for a message.

    Example:

    >>> counted(Counter(test=1, train=40))
    '40 rows train, 1 row test'
    """
    return ", ".join(
        f"{counts[s]} {plural(counts[s], 'row')} {s}"
        for s in SPLITS
        if counts[s]
    )


def split_cells(table: Table) -> list[str] | None:
    """Return the cells of the column `split`; None without the column.

    Raises:
        InputError: if no cell names a split. Ignoring such a column would mix
            training and test rows.
    """
    header = [name.casefold() for name in table.header]
    if "split" not in header:
        return None
    i = header.index("split")
    cells = [row[i] for _, row in table.rows if len(row) == len(header)]
    if cells and not split_counts(cells):
        given = [cell for cell in dict.fromkeys(cells) if cell]
        raise InputError(
            f"{table.path}: expected {EXPECTED} in the column split; numbers "
            "are not guessed. Received: "
            f"{joined(given) or 'empty cells alone'}. Write the words, or "
            "leave the column out to have a part chosen for validation."
        )
    return cells
