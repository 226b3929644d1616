"""Drawn faces, in one table or as files, with faults put into labels."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np

from facemtl.data.check.seen import Seen
from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.tasks import MTFL_TASKS, Task
from tests.export_case import write_drawn

FACES = 60  # as files
BOX = ("left", "top", "right", "bottom")
SIDE = 160  # of a drawn photo, pixels


def clean(n: int = 60, test: int = 0) -> Seen:
    """N drawn faces as of photos with headers; the last ones are for tests."""
    splits = np.repeat(["train", "test"], [n - test, test])
    return Seen(
        synthetic_faces(n),
        splits,
        np.zeros(n, bool),
        np.ones(n, int),
        np.full((n, 2), float(SIDE)),
    )


def relabelled(seen: Seen, **labels: np.ndarray) -> Seen:
    """The same with other labels of some tasks."""
    faces = replace(seen.faces, labels={**seen.faces.labels, **labels})
    return replace(seen, faces=faces)


def reboxed(seen: Seen, boxes: np.ndarray) -> Seen:
    """The same with other boxes."""
    return replace(seen, faces=replace(seen.faces, boxes=boxes))


def with_value(values: np.ndarray, task: Task) -> Seen:
    """Faces with one value each, beside MTFL's tasks."""
    seen = clean(len(values))
    faces = replace(
        seen.faces,
        tasks=(*MTFL_TASKS, task),
        labels={**seen.faces.labels, task.name: values},
    )
    return replace(seen, faces=faces)


def texts(findings: list) -> str:
    """The findings' lines."""
    return "\n".join(finding.text for finding in findings)


def drawn_rows(folder: Path) -> list[dict[str, str]]:
    """Write 60 drawn photos; returns the rows of their CSV."""
    with write_drawn(folder, FACES, seed=0).open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for i, row in enumerate(rows):
        row["file"] = str(folder / row["file"])
        row["split"] = "test" if i >= 50 else "val" if i >= 40 else "train"
    return rows


def write_rows(folder: Path, rows: list[dict]) -> Path:
    """Write rows as `faces.csv`."""
    path = folder / "faces.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def as_size(row: dict) -> dict:
    """The row with its box as x, y, width, height."""
    left, top, right, bottom = (float(row[k]) for k in BOX)
    return row | {"right": right - left, "bottom": bottom - top}
