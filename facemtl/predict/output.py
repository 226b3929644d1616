"""Write the results of each photo as soon as they are predicted."""

import csv
import io
import json
import textwrap
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from facemtl.files.csv_cells import written_cell
from facemtl.inference.drawing import caption
from facemtl.inference.face import Face
from facemtl.inference.face_cells import face_cells
from facemtl.predict.text_file import TextFile
from facemtl.words import one_line, printable, valid_text

LEADING = ("file", "face")  # columns of a CSV before those of a face
CROP = "crop"
MANY = 20  # points whose positions would fill the screen


@dataclass(frozen=True)
class PhotoResult:
    """The faces of one photo, or an error.

    Attributes:
        file: the photo's name as given.
        faces: in the predictor's order.
        error: one line; empty if the photo could be used.
        crops: the file of each face's aligned crop; empty without crops.
    """

    file: str
    faces: list[Face] = field(default_factory=list)
    error: str = ""
    crops: Sequence[str] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the photo's entry in `--json`."""
        faces = [face.to_dict() for face in self.faces]
        for face, name in zip(faces, self.crops, strict=False):
            face[CROP] = valid_text(name)
        entry: dict[str, Any] = {"file": valid_text(self.file), "faces": faces}
        return {**entry, "error": self.error} if self.error else entry

    def rows(self) -> list[dict[str, Any]]:
        """Return {column: cell} for each face of `--csv`."""
        rows = [
            {"file": self.file, "face": i, **face_cells(face, LEADING)}
            for i, face in enumerate(self.faces, 1)
        ]
        for row, name in zip(rows, self.crops, strict=False):
            # A task may be called "crop".
            row["face crop" if CROP in row else CROP] = name
        return rows

    def lines(self) -> list[str]:
        """Return the lines for the terminal."""
        name = printable(self.file)
        if self.error:
            return [f"{name}: {self.error}"]
        if not self.faces:
            return [f"{name}: no face found"]
        return [
            f"{name}, face {i}: {one_line(', '.join(_described(face)))}"
            for i, face in enumerate(self.faces, 1)
        ]


def _described(face: Face) -> list[str]:
    points = [f"{k} {x:.0f},{y:.0f}" for k, (x, y) in face.points.items()]
    if len(points) > MANY:
        points = [f"{len(points)} points"]
    return [*points, *caption(face)]


class Table(ABC):
    """Writes results to a file; after Ctrl-C, those so far.

    Args:
        out: the file.
    """

    def __init__(self, out: TextFile) -> None:
        self._out = out

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind in (None, KeyboardInterrupt):
            self.end()

    @abstractmethod
    def add(self, result: PhotoResult) -> None:
        """Write the results of a photo."""

    @abstractmethod
    def end(self) -> None:
        """Write the end of the table."""


class JsonList(Table):
    """`--json`: a list with one entry per photo."""

    def __init__(self, out: TextFile) -> None:
        super().__init__(out)
        self._start = "[\n"

    def add(self, result: PhotoResult) -> None:
        entry = json.dumps(result.to_dict(), indent=1)
        self._out.write(self._start + textwrap.indent(entry, " "))
        self._start = ",\n"

    def end(self) -> None:
        self._out.write("[]\n" if self._start == "[\n" else "\n]\n")


class CsvRows:
    """Writes the rows of a CSV, the header with the first.

    Args:
        out: the file.
        leading: the header of a table without rows.
    """

    def __init__(self, out: TextFile, leading: Sequence[str]) -> None:
        self._out, self._leading = out, leading
        self._begun = False

    def add(self, row: Mapping[str, Any]) -> None:
        """Write a row; all faces of a network have the same columns."""
        if not self._begun:
            self._begun = True
            self._write(list(row))
        self._write(list(row.values()))

    def end(self) -> None:
        """Write the header of a table without rows."""
        if not self._begun:
            self._write(list(self._leading))

    def _write(self, cells: list[Any]) -> None:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerow(map(written_cell, cells))
        self._out.write(valid_text(text.getvalue()))


class CsvTable(Table):
    """`--csv`: one row per face; photos without a face have no row."""

    def __init__(self, out: TextFile) -> None:
        super().__init__(out)
        self._rows = CsvRows(out, LEADING)

    def add(self, result: PhotoResult) -> None:
        for row in result.rows():
            self._rows.add(row)

    def end(self) -> None:
        self._rows.end()
