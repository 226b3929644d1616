"""A user's own faces: one CSV with a header in, the same `Faces` out.

| column                     | holds                                          |
|----------------------------|------------------------------------------------|
| `file`                     | photo, from the CSV's folder or absolute       |
| `x1` ... `xP`, `y1`...`yP` | points, pixels                                 |
| `left,top,right,bottom`    | optional: the face's box, pixels               |
| a task's name              | optional: class name, class from 0, or a value |
| `split`                    | optional: `train`, `val` or `test`             |

Pixels count from 0: the centre of a photo's first pixel is (0, 0). An empty
cell is not labelled. A face without a box gets one derived from its points.
`facemtl.datasets.csv_writer` writes such a file.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from facemtl.datasets.checks import BAD_SPLIT, RowError, check_length
from facemtl.datasets.csv_columns import Columns, read_columns
from facemtl.datasets.faces import BadRows, Faces
from facemtl.datasets.images import FolderImages
from facemtl.errors import InputError
from facemtl.tasks import Task

SPLITS = ("train", "val", "test")


def read_csv(
    path: str | Path,
    tasks: Sequence[Task] | None = None,
    bad: BadRows | None = None,
    split: str | None = None,
) -> Faces:
    """Read faces from a CSV; the module's text describes its columns.

    Args:
        path: the CSV: UTF-8, commas, a header. `\\` in `file` becomes `/`.
        tasks: what the columns are about. By default those of the
            `tasks.toml` beside the CSV, else those of `MTFL_TASKS` that have
            columns.
        bad: stops at bad rows or counts them; by default stops.
        split: `"train"`, `"val"` or `"test"` reads the rows whose `split`
            column says so; all rows if None or if there is no such column
            (`csv_splits` tells).

    Returns:
        The faces, in the file's order, with rows such as `"faces.csv, row 3"`
        where the header is row 1. Tasks without columns are unlabelled.

    Raises:
        InputError: if the file or its header cannot be used, at a bad row, or
            if no row is left.
    """
    path = Path(path)
    if split not in (None, *SPLITS):
        raise InputError(f"Expected a split of {SPLITS}. Received: {split!r}.")
    bad = BadRows() if bad is None else bad
    header, rows = _read_table(path)
    columns = read_columns(path, header, tasks)
    faces = list(_parse_rows(path.name, columns, rows, split, bad))
    if not faces:
        asked = f" of split '{split}'" if split else ""
        raise InputError(
            f"{path}: expected at least one good row{asked}. Received: none. "
            f"{bad.summary()}".rstrip()
        )
    names, places, boxes, found = zip(*faces, strict=True)
    return Faces(
        columns.tasks,
        FolderImages(path.parent),
        np.array(names),
        np.array(places),
        np.array(boxes),
        {task.name: _labels(task, found) for task in columns.tasks},
    )


def csv_splits(path: str | Path) -> tuple[str, ...]:
    """The splits that a CSV's `split` column names; `()` without the column.

    Raises:
        InputError: if the file cannot be read.
    """
    header, rows = _read_table(Path(path))
    if "split" not in header:
        return ()
    i = header.index("split")
    found = {row[i] for _, row in rows if len(row) > i}
    return tuple(split for split in SPLITS if split in found)


def _read_table(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The header, and the other rows with their line numbers."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        # Strict, or a forgotten quote would swallow the rest of the file.
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        rows = [(reader.line_num, [c.strip() for c in row]) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(
            f"{path}: expected a CSV in UTF-8. Received: {error}."
        ) from None
    # Spreadsheets leave rows of nothing but commas at the end.
    rows = [(number, row) for number, row in rows if any(row)]
    if not rows:
        raise InputError(f"{path}: expected a header. Received: nothing.")
    return rows[0][1], rows[1:]


_Found = Mapping[str, float | np.ndarray]


def _parse_rows(
    file: str,
    columns: Columns,
    rows: Sequence[tuple[int, list[str]]],
    split: str | None,
    bad: BadRows,
) -> Iterator[tuple[str, str, np.ndarray, _Found]]:
    """Name, place, box and labels of the good rows of a split."""
    for number, cells in rows:
        row = dict(zip(columns.names, cells, strict=False))
        row["file"] = row.get("file", "").replace("\\", "/")
        place = f"{file}, row {number}"
        try:
            check_length(cells, len(columns.names))
            if _in_split(row, split):
                yield row["file"], place, *columns.parse(row)
        except RowError as error:
            where = f"{place} ({row['file']})"
            bad.report(where, error.reason, error.detail)


def _in_split(row: Mapping[str, str], split: str | None) -> bool:
    if split is None or "split" not in row:
        return True
    if row["split"] not in SPLITS:
        expected = ", ".join(SPLITS)
        raise RowError(
            BAD_SPLIT, f"split is {row['split']!r}, expected {expected}"
        )
    return row["split"] == split


def _labels(task: Task, found: Sequence[_Found]) -> np.ndarray:
    """One task's labels of all faces, missing where a face has none."""
    labels = task.no_labels(len(found))
    for i, face in enumerate(found):
        if task.name in face:
            labels[i] = face[task.name]
    return labels
