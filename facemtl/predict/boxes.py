"""Read `--boxes FILE`: a CSV of face boxes."""

import math
from pathlib import Path

from facemtl.data.checks import number
from facemtl.data.csv.text import joined, read_table
from facemtl.errors import InputError

COLUMNS = ("file", "left", "top", "right", "bottom")
Boxes = dict[str, list[list[float]]]


def read_boxes(file: str | Path) -> Boxes:
    """Read {photo: its boxes} from a CSV `file,left,top,right,bottom`.

    Args:
        file: a CSV in any form that spreadsheets write; see
            `facemtl.data.csv.text`. Other columns are ignored.

    Raises:
        InputError: for an invalid box; names file and row.
    """
    table = read_table(file)
    names = [name.casefold() for name in table.header]
    if not set(COLUMNS) <= set(names):
        raise InputError(
            f"{file}: expected the columns {', '.join(COLUMNS)}. "
            f"Received, {table.separated}: {joined(table.header)}."
        )
    boxes: Boxes = {}
    for i, cells in table.rows:
        row = dict(zip(names, cells, strict=False))
        given = [row.get(key, "") for key in COLUMNS[1:]]
        # A comma inside a cell of a file with another delimiter is decimal.
        decimal = "." if table.delimiter == "," else ","
        box = [number(cell.replace(decimal, ".")) for cell in given]
        if not all(map(math.isfinite, box)):
            raise InputError(
                f"{file}, row {i}: expected four numbers. Received: {given}."
            )
        boxes.setdefault(row["file"], []).append(box)
    return boxes
