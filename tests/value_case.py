"""Drawn faces with an age: how far eyes and mouth are apart, 0 to 80."""

import csv
from pathlib import Path

import numpy as np

from facemtl.data.synthetic.sample import people
from tests.export_case import write_drawn
from tests.shared import made_once

FACES, SEED = 500, 4


def write_ages(
    folder: Path, kind: str, names: str = "landmarks", n: int = FACES
) -> Path:
    """A CSV of drawn faces with five points and an age; every fifth is `val`.

    Args:
        folder: for a folder a kind.
        kind: `"ages"` or `"birth years"`, which are 1,975 more.
        names: of the landmarks task.
        n: faces.
    """
    age = _ages(n)
    added = np.full(n, 1975.0 * (kind == "birth years"))
    photos = made_once(f"{n} photos", lambda made: write_drawn(made, n, SEED))
    with (photos / "faces.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for i, row in enumerate(rows):
        row["file"] = str(photos / row["file"])
        row["age"] = f"{age[i] + added[i]:.2f}"
        row["split"] = "val" if i % 5 == 0 else "train"
        for task in ("smile", "gender", "glasses", "pose"):
            del row[task]
    (folder / kind).mkdir()
    write_tasks(folder / kind / "tasks.toml", names)
    file = folder / kind / "faces.csv"
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return file


def _ages(n: int) -> np.ndarray:
    """(N,) from 0 to 80, what a network learns as soon as the points."""
    drawn = people(SEED, np.arange(n), 160)
    y = drawn.points[:, :, 1]
    apart = y[:, 3:].mean(axis=1) - y[:, :2].mean(axis=1)
    apart = apart / (drawn.boxes[:, 3] - drawn.boxes[:, 1])
    return 80 * (apart - apart.min()) / np.ptp(apart)


def write_tasks(file: Path, landmarks: str, ruled: bool = True) -> None:
    """A TOML of five points and an age."""
    pairs = [["left eye", "right eye"], ["left mouth", "right mouth"]]
    rule = f"mirror = {pairs}\n" if ruled else ""
    points = ["left eye", "right eye", "nose", "left mouth", "right mouth"]
    file.write_text(
        f'[[task]]\nname = "{landmarks}"\nkind = "landmarks"\n'
        f'names = {points}\n{rule}\n[[task]]\nname = "age"\nkind = "value"\n'
    )
