"""Write faces as the CSV that `facemtl.datasets.csv` reads."""

import csv
import io
import tempfile
from pathlib import Path

import numpy as np

from facemtl.datasets.csv_columns import BOX, check_task_names, point_columns
from facemtl.datasets.faces import Faces
from facemtl.errors import InputError
from facemtl.tasks import Task, landmarks_task


def write_csv(
    faces: Faces, path: str | Path, image_root: str | Path = ""
) -> None:
    """Write faces so that `read_csv` reads the same table again.

    Points that are missing are empty cells. The file appears whole or not at
    all. Tasks other than MTFL's need their `tasks.toml` beside it, or
    `read_csv(path, tasks=faces.tasks)`.

    Args:
        faces: the table; its photos are not copied.
        path: the CSV to write.
        image_root: put before every photo's name: the photos' folder,
            absolute or as seen from the CSV's folder.

    Raises:
        InputError: if `path` cannot be written, or a task bears the name of
            another column.
    """
    path = Path(path)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    points = landmarks_task(faces.tasks)
    labels = [task for task in faces.tasks if task.kind != "landmarks"]
    check_task_names(path, labels)
    writer.writerow(
        ["file", *BOX, *point_columns(points.size if points else 0)]
        + [task.name for task in labels]
    )
    for i, name in enumerate(faces.names):
        cells = [(Path(image_root) / str(name)).as_posix()]
        cells += map(_cell, faces.boxes[i])
        if points:
            cells += map(_cell, faces.labels[points.name][i].T.ravel())
        cells += (_label_cell(faces.labels[t.name][i], t) for t in labels)
        writer.writerow(cells)
    _write_whole(path, text.getvalue())


def _cell(value: float) -> str:
    """The shortest text that reads as the same number; "" for NaN."""
    return "" if np.isnan(value) else repr(float(value))


def _label_cell(label: float | int, task: Task) -> str:
    if task.kind == "value":
        return _cell(label)
    return task.names[int(label)] if label >= 0 else ""


def _write_whole(path: Path, text: str) -> None:
    try:
        # In the same folder, since a rename works only within a disk.
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            temporary = Path(folder) / path.name
            temporary.write_text(text, encoding="utf-8", newline="")
            temporary.replace(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error}.") from None
