"""`--boxes FILE`."""

import csv
import io
import math

from facemtl.files.csv_cells import written_cell
from facemtl.predict.boxes import COLUMNS, read_boxes

from ..oracle import unless_refused, whole, written

SEEDS = (
    whole("CSV of boxes"),
    whole("CSV of boxes").replace(b",", b";"),
    b'file,left,top,right,bottom\n"a, b.jpg",1e1,-2.5,.5,+4\n',
)


def one_input(data: bytes) -> None:
    """Boxes are finite, and written they are read as the same."""
    boxes = unless_refused(read_boxes, written(data, "boxes.csv"))
    if boxes is None:
        return
    text = io.StringIO(newline="")
    rows = csv.writer(text)
    rows.writerow(COLUMNS)
    for name, some in boxes.items():
        for box in some:
            assert all(map(math.isfinite, box)), box
            rows.writerow([written_cell(name), *map(repr, box)])
    again = written(text.getvalue().encode(), "again.csv")
    assert read_boxes(again) == boxes
