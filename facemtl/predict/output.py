"""What the command writes: JSON, CSV, pictures and plain lines."""

import csv
import io
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from facemtl.errors import InputError
from facemtl.files import write_whole
from facemtl.predict.drawing import caption, draw_faces
from facemtl.predict.face import Face


@dataclass(frozen=True)
class PhotoResult:
    """One photo's faces, or why there are none."""

    file: str
    faces: list[Face] = field(default_factory=list)
    error: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The entry of `--json`."""
        faces = [face.to_dict() for face in self.faces]
        entry: dict[str, Any] = {"file": self.file, "faces": faces}
        return {**entry, "error": self.error} if self.error else entry

    def lines(self) -> list[str]:
        """What a person reads on the screen."""
        if self.error:
            return [f"{self.file}: {self.error}"]
        if not self.faces:
            return [f"{self.file}: no face found"]
        return [
            f"{self.file}, face {i}: {', '.join(_said(face))}"
            for i, face in enumerate(self.faces, 1)
        ]


def _said(face: Face) -> list[str]:
    points = [f"{k} {x:.0f},{y:.0f}" for k, (x, y) in face.points.items()]
    return [*points, *caption(face)]


def check_writable(file: str | None) -> None:
    """Refuse a file that could not be written, before hours of work.

    Raises:
        InputError: for a folder, or below a file.
    """
    if not file or file == "-":
        return
    try:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"Expected to write {file}: {error}.") from None
    if Path(file).is_dir():
        raise InputError(f"Expected a file to write. Received a folder: {file}")


def write_text(text: str, file: str) -> None:
    """Write a file, whole or not at all; `-` is standard output."""
    if file == "-":
        sys.stdout.write(text)
        return
    try:
        write_whole(text, Path(file))
    except OSError as error:
        raise InputError(f"Expected to write {file}: {error}.") from None


def json_text(results: Sequence[PhotoResult]) -> str:
    """A list, one entry a photo."""
    return json.dumps([r.to_dict() for r in results], indent=1) + "\n"


def csv_text(results: Sequence[PhotoResult]) -> str:
    """One row a face; photos without a face have none."""
    rows = [
        {"file": result.file, "face": i, **_cells(face.to_dict())}
        for result in results
        for i, face in enumerate(result.faces, 1)
    ]
    text = io.StringIO()
    names = list(rows[0]) if rows else ["file", "face"]
    table = csv.DictWriter(text, names, lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    return text.getvalue()


def _cells(face: Mapping[str, Any]) -> dict[str, Any]:
    sides = ("left", "top", "right", "bottom")
    cells = dict(zip(sides, face["box"], strict=True))
    for name, (x, y) in face["points"].items():
        cells |= {f"{name} x": x, f"{name} y": y}
    for task, said in face["attributes"].items():
        if "value" in said:
            cells[task] = said["value"]
        else:
            cells[task] = said["class"]
            cells[f"{task} probability"] = said["probability"]
    return cells


class Pictures:
    """Writes drawn photos into a folder, replacing those of an earlier call.

    Args:
        folder: is made.

    Raises:
        InputError: if it cannot be made.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(
                f"Expected a folder to draw into: {error}."
            ) from None
        self._used: set[str] = set()

    def name(self, photo: str, ending: str) -> Path:
        """A file for a photo; of two photos with one name, one gets a 2."""
        stem, number = f"{Path(photo).stem}_faces", 1
        name = stem
        while name in self._used:
            number += 1
            name = f"{stem}_{number}"
        self._used.add(name)
        return self.folder / f"{name}{ending}"

    def write(
        self, pixels: np.ndarray, faces: Sequence[Face], name: str
    ) -> None:
        """Draw faces on a photo (H, W, 3), uint8, RGB, and write it."""
        # Which is which in the JSON and CSV, where there are several.
        numbers = range(1, len(faces) + 1) if len(faces) > 1 else ()
        titles = [f"face {number}" for number in numbers]
        drawn = draw_faces(pixels, faces, titles)
        _, data = cv2.imencode(".png", drawn[..., ::-1])
        self.name(name, ".png").write_bytes(data.tobytes())
