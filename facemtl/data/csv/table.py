"""The cells of a CSV, kept in little memory."""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import overload

# Between the cells of a kept row; no cell has it, since no text may.
_BETWEEN = "\0"
# Between the cells of a row, and how a message names it.
DELIMITERS = {
    ",": "commas (,)",
    ";": "semicolons (;)",
    "\t": "tabs",
    "|": "bars (|)",
}
Row = tuple[int, tuple[str, ...]]


class Rows(Sequence[Row]):
    """Rows and their numbers, each kept as one text.

    A million rows of 17 cells take 0.2 GB; as tuples they would take 1.2.

    Example:

    >>> rows = Rows()
    >>> rows.add(3, ["a.jpg", ""])
    >>> rows[0], len(rows)
    ((3, ('a.jpg', '')), 1)
    """

    def __init__(self) -> None:
        self._numbers = array("Q")
        self._texts: list[str] = []

    def add(self, number: int, cells: Sequence[str]) -> None:
        """Put a row of at least one cell at the end."""
        self._numbers.append(number)
        self._texts.append(_BETWEEN.join(cells))

    def __len__(self) -> int:
        return len(self._texts)

    def __iter__(self) -> Iterator[Row]:
        for number, text in zip(self._numbers, self._texts, strict=True):
            yield number, tuple(text.split(_BETWEEN))

    @overload
    def __getitem__(self, index: int) -> Row: ...

    @overload
    def __getitem__(self, index: slice) -> "Rows": ...

    def __getitem__(self, index: int | slice) -> "Row | Rows":
        if isinstance(index, slice):
            some = Rows()
            some._numbers = self._numbers[index]
            some._texts = self._texts[index]
            return some
        cells = tuple(self._texts[index].split(_BETWEEN))
        return self._numbers[index], cells


@dataclass(frozen=True)
class Table:
    """A file's cells, without the blanks around them.

    Attributes:
        path: the file.
        delimiter: what separates its columns.
        header: the first row's cells.
        rows: the other rows and their numbers, as a spreadsheet counts: the
            header is row 1. Rows of empty cells are left out.
    """

    path: Path
    delimiter: str
    header: tuple[str, ...]
    rows: Rows

    @property
    def separated(self) -> str:
        """How the columns are separated, for a message."""
        return f"separated by {DELIMITERS[self.delimiter]}"
