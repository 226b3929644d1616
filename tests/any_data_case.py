"""CSVs of a newcomer: points alone, attributes alone, tasks of one's own."""

import csv
import math
from pathlib import Path

from tests.export_case import write_drawn

FACES = 24
FIVE = [f"{axis}{i}" for axis in "xy" for i in range(1, 6)]
THREE = [f"{axis}{i}" for axis in "xy" for i in range(1, 4)]
BOX = ["left", "top", "right", "bottom"]
ATTRIBUTES = ["smile", "gender", "glasses"]
COLUMNS = {
    "5 points": [*FIVE, *BOX],
    "3 points": [*THREE, *BOX],
    "1 attribute": [*BOX, "smile"],
    "3 attributes": [*BOX, *ATTRIBUTES],
    "MTFL": [*FIVE, *BOX, *ATTRIBUTES, "pose"],
    "1 value": [*BOX, "x1"],
    "68 points": BOX,
}


def write_kinds(folder: Path) -> dict[str, Path]:
    """Drawn faces as photos, and a CSV a kind of data in a folder of its own.

    The 68 points lie on an ellipse that leaves the box, as jaws do.
    """
    with write_drawn(folder, FACES, seed=5).open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["file"] = str(folder / row["file"])
    return {kind: _write(folder / kind, kind, rows) for kind in COLUMNS}


def _write(folder: Path, kind: str, rows: list[dict[str, str]]) -> Path:
    folder.mkdir()
    columns = ["file", *COLUMNS[kind]]
    rows = [{column: row[column] for column in columns} for row in rows]
    if kind == "68 points":
        rows = [row | _ellipse(row) for row in rows]
        _declare(folder, "landmarks", "landmarks", 68)
    if kind == "3 points":
        _declare(folder, "landmarks", "landmarks", 3)
    if kind == "1 value":
        rows = [row | {"turn": row.pop("x1")} for row in rows]
        _declare(folder, "turn", "value", 0)
    with (folder / "faces.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return folder / "faces.csv"


def _ellipse(row: dict[str, str]) -> dict[str, str]:
    """68 points round the box's middle, up to a tenth of a side beyond it."""
    left, top, right, bottom = (float(row[name]) for name in BOX)
    turns = [2 * math.pi * i / 68 for i in range(68)]
    width, height = right - left, 1.18 * (bottom - top)
    points = {}
    for i, turn in enumerate(turns, 1):
        points[f"x{i}"] = f"{(left + right + width * math.cos(turn)) / 2:.2f}"
        points[f"y{i}"] = f"{(top + bottom + height * math.sin(turn)) / 2:.2f}"
    return points


def _declare(folder: Path, name: str, kind: str, points: int) -> None:
    names = [f"p{i}" for i in range(1, points + 1)]
    (folder / "tasks.toml").write_text(
        f'[[task]]\nname = "{name}"\nkind = "{kind}"\nnames = {names}\n'
    )
