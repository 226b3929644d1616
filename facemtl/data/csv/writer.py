"""Write faces as the CSV that `facemtl.data.csv.reader` reads."""

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
    """Write faces so that `read_csv` reads the same table again.

    Points that are missing are empty cells. The file appears whole or not at
    all. Tasks other than MTFL's need their `tasks.toml` beside it, or
    `read_csv(path, tasks=faces.tasks)`.

    Args:
        faces: the table; its photos are not copied. A box of NaN is none.
        path: the CSV to write.
        image_root: put before every photo's name: the photos' folder,
            absolute or as seen from the CSV's folder.
        columns: further columns, such as `split`: a cell a face.

    Raises:
        InputError: if `path` cannot be written, or a task bears the name of
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
    """The shortest texts that read as the same numbers; "" for NaN."""
    return ["" if x != x else repr(x) for x in values.tolist()]


def _label_cells(labels: np.ndarray, task: Task) -> list[str]:
    if task.kind == "value":
        return _cells(labels)
    # A missing label, -1, is the last one.
    names = (*task.names, "")
    return [names[code] for code in labels.tolist()]


def _write(path: Path, text: str) -> None:
    try:
        write_whole(text, path)
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error}.") from None
