"""Write faces as a CSV that `facemtl.data.csv.reader` reads."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from facemtl.data.csv.columns import BOX, check_task_names, point_columns
from facemtl.data.faces import Faces
from facemtl.errors import InputError
from facemtl.files.csv_cells import written_cell
from facemtl.files.writing import write_whole
from facemtl.tasks import Task, landmarks_task


def write_csv(
    faces: Faces,
    path: str | Path,
    image_root: str | Path = "",
    columns: Mapping[str, Sequence[str]] | None = None,
) -> None:
    """Write faces as a CSV that `read_csv` reads as the same table.

    Missing points are empty cells. The file is written completely or not at
    all. Tasks other than MTFL's need a `tasks.toml` in the CSV's folder, or
    `read_csv(path, tasks=faces.tasks)`.

    Args:
        faces: the table; photos are not copied. A box of NaN is written empty.
        path: the CSV to write.
        image_root: the folder of the photos, absolute or relative to the CSV;
            it is put before every photo's name.
        columns: further columns, such as `split`, with one cell per face.

    Raises:
        InputError: if `path` cannot be written, or a task has the name of
            another column.
    """
    check_task_names(
        Path(path), [task for task in faces.tasks if task.kind != "landmarks"]
    )
    table: dict[str, Sequence[str]] = {"file": faces.names.tolist()}
    if str(image_root):
        root = Path(image_root)
        table["file"] = [(root / name).as_posix() for name in table["file"]]
    table |= zip(BOX, map(_cells, faces.boxes.T), strict=True)
    points = landmarks_task(faces.tasks)
    if points:
        x_y = faces.labels[points.name].transpose(2, 1, 0)
        cells = map(_cells, x_y.reshape(-1, len(faces)))
        table |= zip(point_columns(points.size), cells, strict=True)
    for task in faces.tasks:
        if task.kind != "landmarks":
            table[task.name] = _label_cells(faces.labels[task.name], task)
    table |= columns or {}
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(map(written_cell, table))
    for row in zip(*table.values(), strict=True):
        writer.writerow(map(written_cell, row))
    _write(Path(path), text.getvalue())


def _cells(values: np.ndarray) -> list[str]:
    """Return the shortest exact text of each number; "" for NaN."""
    return ["" if x != x else repr(x) for x in values.tolist()]


def _label_cells(labels: np.ndarray, task: Task) -> list[str]:
    if task.kind == "value":
        return _cells(labels)
    # A missing label is -1, the index of the last name.
    names = (*task.names, "")
    return [names[code] for code in labels.tolist()]


def _write(path: Path, text: str) -> None:
    try:
        write_whole(text, path)
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error}.") from None
