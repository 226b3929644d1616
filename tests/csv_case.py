"""CSVs of a few lines, for the tests that read them."""

from collections.abc import Sequence
from pathlib import Path

from mtfl_fixture import PLACE, POINTS

from facemtl.data.csv.reader import read_csv
from facemtl.data.faces import BadRows, Faces
from facemtl.tasks import LANDMARKS, Task


def write_lines(path: Path, *lines: str) -> Path:
    """A file of these lines; returns its path."""
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def write_column(path: Path, name: str, cells: Sequence[str]) -> Path:
    """Faces with five points and one more column."""
    rows = (f"{i}.jpg,{PLACE},{cell}" for i, cell in enumerate(cells))
    return write_lines(path, f"file,{POINTS},{name}", *rows)


def read_classes(
    folder: Path,
    names: Sequence[str],
    cells: Sequence[str],
    toml: str = "",
    bad: BadRows | None = None,
) -> Faces:
    """Faces of one class task `k` of these names; `toml` lies beside."""
    task = Task("k", "classes", tuple(names))
    path = write_column(folder / "faces.csv", "k", cells)
    if toml:
        (folder / "tasks.toml").write_text(toml, encoding="utf-8")
    return read_csv(path, [LANDMARKS, task], bad)
