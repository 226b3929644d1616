"""`facemtl.json`: what an app must know to use an exported network.

It lies beside every export and inside every exported file. No TensorFlow here:
predictors read it where there is none.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from facemtl.box_convention import BoxConvention, read_convention
from facemtl.crops import SAMPLES, CropSpec
from facemtl.errors import InputError
from facemtl.files import write_whole
from facemtl.json_text import strict_json
from facemtl.tasks import Task

NAME = "facemtl.json"
FORMAT = 1
INPUT = "crops"
ANSWERS = {
    "landmarks": "(B, points, 2): x, y in units of the window, 0 at its left "
    "and top edge, 1 at its right and bottom edge",
    "classes": "(B, classes): probabilities",
    "value": "(B, 1)",
}
EXPLAINED = {
    "left": "left is the image's left, in names of points and classes",
    "box": "left, top, right, bottom in pixels, 0 at the centre of the first",
    "window": "the square round the box's centre with the box's larger side, "
    "and crop.margin of that side added on each of its four sides",
    "crop": "size x size pixels of the window, each the mean of samples x "
    "samples bilinear samples spread evenly over its part of the window; "
    "beyond the image its edge is repeated; gray is 0.299 R + 0.587 G + "
    "0.114 B; 0 to 255, not scaled",
    "box_convention": "where a face lies in the boxes of the training faces, "
    "all in sides of the box; points: the sum of (x + iy) * middle over the "
    "points (from the centre of the box) is the centre of the face's box, the "
    "sum of (x + iy) * side is its side, its angle the rotation of the face; "
    "training faces seldom lie beyond rotation (degrees), offset and scale; "
    "detector: scale of the mean of YuNet's box and of the square of 1.78 "
    "times the extent of its five points; the centre is the sum of these "
    "points times middle, or without weights that of the mean, moved by shift",
}


@dataclass(frozen=True)
class Sidecar:
    """What a network learned and how it sees.

    Args:
        tasks: names of tasks, points and classes, in order.
        crop: size, color and margin of its crops.
        training: `data`, `licence` and whatever else is known of it.
        scores: {format: scores}, as `facemtl.scores.score` makes them.
        versions: of what made it.
        box_convention: of the boxes it was trained on; None where unknown.

    Example:

    >>> from facemtl.tasks import SMILE
    >>> sidecar = Sidecar((SMILE,), CropSpec(size=40))
    >>> Sidecar.from_json(sidecar.to_json()) == sidecar
    True
    """

    tasks: tuple[Task, ...]
    crop: CropSpec
    training: Mapping[str, Any] = field(default_factory=dict)
    scores: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    box_convention: BoxConvention | None = None

    def to_json(self) -> str:
        """The file's text."""
        height, width, channels = self.crop.shape
        boxes = self.box_convention
        content = {
            "format": FORMAT,
            "input": {
                "name": INPUT,
                "shape": [None, height, width, channels],
                "range": [0, 255],
            },
            "crop": {**self.crop.to_dict(), "samples": SAMPLES},
            "tasks": [
                {**task.to_dict(), "answer": ANSWERS[task.kind]}
                for task in self.tasks
            ],
            "box_convention": boxes and boxes.to_dict(),
            "explained": EXPLAINED,
            "training": dict(self.training),
            "scores": dict(self.scores),
            "versions": dict(self.versions),
        }
        return json.dumps(content, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes, where: str = NAME) -> "Sidecar":
        """The inverse of `to_json`; `InputError` names `where`."""
        try:
            content = strict_json(text)
            entries = [dict(task) for task in content["tasks"]]
            crop = dict(content["crop"])
            crop.pop("samples")
            for entry in entries:
                entry.pop("answer")
            tasks = tuple(map(Task.from_dict, entries))
            # Files of an earlier facemtl have none.
            boxes = read_convention(content.get("box_convention"), tasks)
            return cls(
                tasks,
                CropSpec(**crop),
                **{k: content[k] for k in ("training", "scores", "versions")},
                box_convention=boxes,
            )
        except (ValueError, TypeError, KeyError) as error:
            raise InputError(
                f"{where}: expected what facemtl export wrote. "
                f"Received: {type(error).__name__}: {error}."
            ) from None

    def with_scores(self, scores: Mapping[str, Any]) -> "Sidecar":
        """The same, with the scores by format."""
        return replace(self, scores=dict(scores))


def write_sidecar(sidecar: Sidecar, folder: Path) -> None:
    """Write `facemtl.json` into a folder, whole or not at all."""
    write_whole(sidecar.to_json(), folder / NAME)


def read_sidecar(file: Path) -> Sidecar:
    """Read a `facemtl.json`.

    Raises:
        InputError: if it is missing or not what `facemtl export` wrote.
    """
    try:
        text = file.read_bytes()
    except OSError as error:
        raise InputError(
            f"Expected {file}, which facemtl export writes: {error.strerror}."
        ) from None
    return Sidecar.from_json(text, str(file))
