"""Read numbers with a decimal comma, as many countries write them."""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from facemtl.data.checks import number
from facemtl.data.csv.columns import Columns
from facemtl.data.csv.table import Rows, Table
from facemtl.errors import InputError

_COMMA = re.compile(r"[+-]?(\d+,\d*|,\d+)(e[+-]?\d+)?", re.I | re.A)


def with_decimal_points(table: Table, columns: Columns) -> Table:
    """Return the table with decimal points in place of decimal commas.

    Args:
        table: the CSV; a table separated by commas is returned unchanged.
        columns: the columns of the CSV.

    Raises:
        InputError: if the file has decimal commas and decimal points.
    """
    if table.delimiter == ",":
        return table
    found: dict[bool, tuple[int, str, str]] = {}
    for row, i, cell in _fractions(table, columns):
        found.setdefault("," in cell, (row, columns.names[i], cell))
    if len(found) == 2:
        (row, name, cell), (other_row, other_name, other) = found.values()
        raise InputError(
            f"{table.path}: expected decimal commas or decimal points in all "
            f"numbers. Received: {name} is {cell!r} in row {row}, and "
            f"{other_name} is {other!r} in row {other_row}."
        )
    if True not in found:
        return table
    rows = Rows()
    read = _read_columns(columns)
    for row, given in table.rows:
        cells = list(given)
        for i in _fractions_of(cells, read):
            cells[i] = cells[i].replace(",", ".")
        rows.add(row, cells)
    return replace(table, rows=rows)


def _fractions(
    table: Table, columns: Columns
) -> Iterator[tuple[int, int, str]]:
    """Yield row, column and text of every number with a decimal sign."""
    read = _read_columns(columns)
    for row, cells in table.rows:
        for i in _fractions_of(cells, read):
            yield row, i, cells[i]


def _read_columns(columns: Columns) -> list[tuple[int, tuple[str, ...]]]:
    """Return the columns that may have numbers, and their class names."""
    names: dict[str, tuple[str, ...]] = dict.fromkeys(columns.numeric(), ())
    names |= {task.name: task.names for task in columns.labels}
    return [(i, names[c]) for i, c in enumerate(columns.names) if c in names]


def _fractions_of(
    cells: Sequence[str], read: Sequence[tuple[int, tuple[str, ...]]]
) -> Iterator[int]:
    """Return the columns of a row with a decimal sign in a number."""
    for i, classes in read:
        cell = cells[i] if i < len(cells) else ""
        if cell in classes:
            continue
        comma = "," in cell and _COMMA.fullmatch(cell)
        if comma or ("." in cell and not math.isnan(number(cell))):
            yield i
