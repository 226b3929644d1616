"""`facemtl.json`: everything that an app needs to use an exported network.

It is stored next to every export and inside every exported file. This module
imports no TensorFlow, because predictors read the file without it.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from facemtl.errors import InputError
from facemtl.files.json_text import strict_json
from facemtl.files.network_files import read_network
from facemtl.files.writing import write_whole
from facemtl.geometry.box_convention import BoxConvention, read_convention
from facemtl.geometry.crops import SAMPLES, CropSpec
from facemtl.tasks import Task, check_task_names
from facemtl.tasks.sigma import SigmaFit, checked_sigma, dictionaries

NAME = "facemtl.json"
FORMAT = 1
LARGEST = 2**24  # bytes of the text; ten thousand points need about 1 MB
INPUT = "crops"
# TensorFlow's folder for additional files in a SavedModel.
EXTRA = "assets.extra"
TABLES = ("training", "scores", "versions")
DIGESTS = ("network", "checksum")
DIGEST = re.compile("([0-9a-f]{64})?")
KEYS = {
    *("format", "input", "crop", "tasks", "sigma", "explained"),
    "box_convention",
    *(*TABLES, *DIGESTS),
}
ANSWERS = {
    "landmarks": "(B, points, 2): x, y in units of the window, 0 at its left "
    "and top edge, 1 at its right and bottom edge",
    "classes": "(B, classes): probabilities",
    "value": "(B, 1)",
}
EXPLAINED = {
    "left": "left is the image's left, in names of points and classes",
    "box": "left, top, right, bottom in pixels, 0 at the centre of the first",
    "sigma": "tasks with a second output, <task>_sigma (B, points): the "
    "standard deviation per axis in units of the window; on faces like those "
    "of the validation split, half of the points are nearer than 1.18 of it; "
    "the probability of a face is 1 / (1 + exp(slope * (mean log sigma - "
    "limit)))",
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
    """The tasks, the crop and the origin of an exported network.

    Args:
        tasks: names of tasks, points and classes, in order.
        crop: size, color and margin of the crops.
        training: `data`, `licence` and other facts about the training data.
        scores: {format: scores}, see `facemtl.evaluation.scores`.
        versions: versions of the software that exported the network.
        box_convention: convention of the training boxes; None if unknown.
        sigma: {landmarks task: fit of its standard deviations}, of the tasks
            whose deviations the network predicts.
        network: a digest of the network's settings and weights, equal in all
            formats of one network (see `facemtl.models.identity`).
        checksum: checksum of the exported file: a `.tflite` up to its sidecar,
            a whole `.onnx` with 64 zeros in place of the checksum, or the
            graph and variables of a SavedModel. In an export's folder, that of
            its `model.keras`.

    Digest and checksum are "" in files of an earlier facemtl.

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
    sigma: Mapping[str, SigmaFit] = field(default_factory=dict)
    network: str = ""
    checksum: str = ""

    def to_json(self) -> str:
        """Return the text of the file."""
        boxes = self.box_convention
        digests = {"network": self.network, "checksum": self.checksum}
        content = {
            "format": FORMAT,
            **{key: digest for key, digest in digests.items() if digest},
            "input": _input(self.crop),
            "crop": {**self.crop.to_dict(), "samples": SAMPLES},
            "tasks": [
                {**task.to_dict(), "answer": ANSWERS[task.kind]}
                for task in self.tasks
            ],
            **dictionaries(dict(self.sigma)),
            "box_convention": boxes and boxes.to_dict(),
            "explained": EXPLAINED,
            "training": dict(self.training),
            "scores": dict(self.scores),
            "versions": dict(self.versions),
        }
        return json.dumps(content, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes, where: str = NAME) -> "Sidecar":
        """Restore a sidecar; an `InputError` begins with `where`."""
        try:
            return cls(**_read(text))
        except InputError as error:
            raise InputError(f"{where}: {error}") from None
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise InputError(
                f"{where}: expected what facemtl export wrote. "
                f"Received: {type(error).__name__}: {error}."
            ) from None

    def with_scores(self, scores: Mapping[str, Any]) -> "Sidecar":
        """Return a copy with the scores of each format."""
        return replace(self, scores=dict(scores))


def _input(crop: CropSpec) -> dict[str, Any]:
    """Return a description of a file's input for apps."""
    shape = [None, *crop.shape]
    return {"name": INPUT, "shape": shape, "range": [0, 255]}


def _read(text: str | bytes) -> dict[str, Any]:
    """Return the arguments of `Sidecar` from a file's text, checked."""
    if len(text) > LARGEST:
        raise InputError(
            f"Expected at most {LARGEST:,} bytes. Received: {len(text):,}."
        )
    content = strict_json(text)
    _expect("format", content["format"], FORMAT)
    unknown = set(content) - KEYS
    if unknown:
        raise InputError(f"Expected {sorted(KEYS)}. Received: {unknown}.")
    crop = dict(content["crop"])
    _expect("crop.samples", crop.pop("samples"), SAMPLES)
    spec = CropSpec(**crop)
    _expect("input", content["input"], _input(spec))
    tasks = _tasks(content["tasks"])
    return {
        "tasks": tasks,
        "crop": spec,
        # Files of an earlier facemtl lack these two.
        "box_convention": read_convention(content.get("box_convention"), tasks),
        "sigma": checked_sigma(content.get("sigma"), tasks),
        **{key: dict(content[key]) for key in TABLES},
        **{key: _digest(content.get(key, "")) for key in DIGESTS},
    }


def _tasks(entries: Any) -> tuple[Task, ...]:
    """Return one or more tasks with distinct names."""
    given = [dict(entry) for entry in entries]
    for entry in given:
        entry.pop("answer")
    tasks = tuple(map(Task.from_dict, given))
    check_task_names(tasks)
    return tasks


def _digest(value: Any) -> str:
    if not isinstance(value, str) or not DIGEST.fullmatch(value):
        raise InputError(f"Expected 64 digits of a hash. Received: {value!r}.")
    return value


def _expect(key: str, value: Any, expected: Any) -> None:
    one, other = (json.dumps(x, sort_keys=True) for x in (value, expected))
    if one != other:
        raise InputError(
            f"Expected {key} = {other}, as this facemtl writes it. "
            f"Received: {one[:80]}."
        )


def write_sidecar(sidecar: Sidecar, folder: Path) -> None:
    """Write `facemtl.json` into a folder atomically."""
    write_whole(sidecar.to_json(), folder / NAME)


def read_sidecar(file: Path) -> Sidecar:
    """Read a `facemtl.json`.

    Raises:
        InputError: if the file is missing or `facemtl export` did not write it.
    """
    if not file.exists():
        raise InputError(
            f"Expected {file}, which facemtl export writes: No such file or "
            "directory."
        )
    return Sidecar.from_json(read_network(file, LARGEST), str(file))
