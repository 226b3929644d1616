"""`--boxes FILE`: the faces to look at, as a CSV."""

import csv
from pathlib import Path

from facemtl.errors import InputError

COLUMNS = ("file", "left", "top", "right", "bottom")
Boxes = dict[str, list[list[float]]]


def read_boxes(file: str | Path) -> Boxes:
    """{photo: its boxes}, from a CSV `file,left,top,right,bottom`.

    Raises:
        InputError: naming file and row, for what is no box.
    """
    try:
        text = Path(file).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file}: expected a CSV of boxes: {error}.") from None
    rows = csv.DictReader(text.splitlines())
    if not set(COLUMNS) <= set(rows.fieldnames or ()):
        raise InputError(
            f"{file}: expected the columns {', '.join(COLUMNS)}. "
            f"Received: {', '.join(rows.fieldnames or ()) or 'none'}."
        )
    boxes: Boxes = {}
    for row in rows:
        try:
            box = [float(row[key]) for key in COLUMNS[1:]]
        except (TypeError, ValueError):
            given = [row[key] for key in COLUMNS[1:]]
            raise InputError(
                f"{file}, row {rows.line_num}: expected four numbers. "
                f"Received: {given}."
            ) from None
        boxes.setdefault(row["file"], []).append(box)
    return boxes
