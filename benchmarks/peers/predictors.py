"""What is compared: one cut face in, five points out."""

import os
import platform
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from facemtl import __version__
from facemtl.errors import InputError
from facemtl.geometry.box_convention import BoxConvention
from facemtl.geometry.crops import SAMPLES, CropSpec
from facemtl.inference.runtimes import load_network
from facemtl.inference.runtimes.runtime import Answers
from facemtl.inference.sidecar import NAME, Sidecar
from facemtl.presets import find_pretrained, presets_with
from facemtl.tasks import LANDMARKS, Task


class Predictor(ABC):
    """One thread; nothing of it depends on the faces before.

    Attributes:
        crop: how a face is cut for it; its margin is beyond the peer's box.
        samples: a crop pixel and axis; None for what the photo needs.
        megabytes: the size of its files.
        parameters: how many it has; None where its file does not tell.
        tasks: what it answers.
        every: how many faces it takes to measure it on one; more than 1 for
            one that takes too long for all.
        looks_again: whether `facemtl.Predictor` would have a second pass.
        box_convention: of the boxes that it was trained on, where it says so.
    """

    crop: CropSpec
    every = 1
    looks_again = False
    box_convention: BoxConvention | None = None
    samples: int | None = None
    megabytes: float
    parameters: int | None = None
    tasks: tuple[Task, ...] = (LANDMARKS,)

    @abstractmethod
    def answer(self, crop: np.ndarray) -> Answers:
        """Answers about one face.

        Args:
            crop: (S, S, C) uint8, as `crop` says.

        Returns:
            {task: array}: points (5, 2) in units of the crop, 0 at its left
            and top edge and 1 at its right and bottom edge; class
            probabilities (K,).
        """


class Ours(Predictor):
    """A network of facemtl.

    Args:
        file: see `facemtl.load_network`.
        points: the points that it must predict.

    Raises:
        InputError: if it is none, or has other points.
    """

    samples = SAMPLES
    looks_again = True

    def __init__(self, file: str | Path, points: Task = LANDMARKS) -> None:
        self.network = load_network(file)
        self.crop, self.tasks = self.network.crop, self.network.tasks
        self.box_convention = self.network.box_convention
        if not any(map(points.learns_as, self.tasks)):
            raise InputError(
                f"{file}: expected a network with {points.size} points, of "
                "the names that the data have. "
                f"Received: {', '.join(task.name for task in self.tasks)}."
            )
        self.megabytes = size(file)
        self.parameters = _parameters(Path(file))

    def answer(self, crop: np.ndarray) -> Answers:
        return {k: y[0] for k, y in self.network.predict(crop[None]).items()}


def ours(
    given: list[str], points: Task = LANDMARKS
) -> dict[str, Callable[[], Predictor]]:
    """Our networks, by name.

    Args:
        given: `NAME=FILE`; without any, the presets with these points.
        points: see `Ours`.

    Raises:
        InputError: for what is not `NAME=FILE`.

    Example:

    >>> list(ours(["base=base.tflite"]))
    ['base']
    """
    pairs = [(x, str(find_pretrained(x))) for x in presets_with([points])]
    if given:
        pairs = []
        for words in given:
            name, is_pair, file = words.partition("=")
            if not (name and is_pair and file):
                raise InputError(f"Expected NAME=FILE. Received: {words!r}.")
            pairs.append((name, file))
    return {name: partial(Ours, file, points) for name, file in pairs}


def size(*files: str | Path) -> float:
    """The files' size in MB (1,000,000 bytes)."""
    return round(sum(Path(x).stat().st_size for x in files) / 1e6, 2)


def circumstances(*packages: str) -> dict[str, Any]:
    """Machine and versions.

    `facemtl.process.environment` asks TensorFlow, which is not here.
    """
    return {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, 0 GPUs",
        "versions": {
            "facemtl": __version__,
            "python": platform.python_version(),
            **{name: version(name) for name in packages},
        },
    }


def _parameters(file: Path) -> int | None:
    """What a `.tflite` says of the training of its network."""
    if not zipfile.is_zipfile(file):
        return None
    with zipfile.ZipFile(file) as associated:
        return Sidecar.from_json(associated.read(NAME)).training.get(
            "parameters"
        )
