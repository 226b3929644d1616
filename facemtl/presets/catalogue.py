"""The list of presets: what each predicts, how well, and its licence."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from facemtl.presets.names import FOLDER, NAMES
from facemtl.tasks import Task


@dataclass(frozen=True)
class Preset:
    """A trained network of the package.

    Attributes:
        name: its name, such as `"base"`.
        size: sides of its crops, in pixels.
        parameters: number of trained weights.
        tasks: {task: names of its points or classes}.
        scores: {split: scores of one pass in the given boxes}, where errors
            and accuracies are in percent.
        data: the training data.
        licence: the licence of the training data.
        bytes: size of the TFLite file.
        checksum: SHA-256 of the Keras file.

    Example:

    >>> tiny, base, *others = list_presets()
    >>> base.name, base.size, sorted(base.tasks)
    ('base', 40, ['gender', 'glasses', 'landmarks', 'pose', 'smile'])
    """

    name: str
    size: int
    parameters: int
    tasks: Mapping[str, tuple[str, ...]]
    scores: Mapping[str, Any]
    data: str
    licence: str
    bytes: int
    checksum: str

    @property
    def tflite(self) -> Path:
        """The file that predicts without TensorFlow."""
        return FOLDER / f"{self.name}.tflite"

    @property
    def keras(self) -> Path:
        """The file of `facemtl.load_model`."""
        return FOLDER / f"{self.name}.keras"

    @property
    def card(self) -> Path:
        """The model card: scores by group, and limits of use."""
        return FOLDER / f"{self.name}.md"


def list_presets() -> list[Preset]:
    """Return the presets of the package, the fastest first.

    TensorFlow is not imported.

    Example:

    >>> for preset in list_presets()[:3]:
    ...     print(preset.name, preset.size, preset.parameters)
    tiny 40 147320
    base 40 502080
    large 48 502080
    >>> list_presets()[0].tasks["smile"]
    ('yes', 'no')
    """
    return [read_preset(name) for name in NAMES]


def presets_with(tasks: Iterable[Task]) -> list[str]:
    """Return the names of the presets that predict these tasks.

    Args:
        tasks: tasks; a preset must have the same points or classes.

    Example:

    >>> from facemtl.tasks import MTFL_TASKS, load_layout
    >>> presets_with(MTFL_TASKS), presets_with([load_layout("points68")])
    (['tiny', 'base', 'large'], ['points68'])
    """
    wanted = {task.name: task.names for task in tasks}
    return [
        preset.name
        for preset in list_presets()
        if wanted.items() <= preset.tasks.items()
    ]


def read_preset(name: str) -> Preset:
    """Return one preset by its name."""
    text = (FOLDER / f"{name}.json").read_text(encoding="utf-8")
    sidecar = json.loads(text)
    training = sidecar["training"]
    return Preset(
        name=name,
        size=sidecar["crop"]["size"],
        parameters=training["parameters"],
        tasks={x["name"]: tuple(x["names"]) for x in sidecar["tasks"]},
        scores=sidecar["scores"]["preset"],
        data=training["data"],
        licence=training["licence"],
        bytes=(FOLDER / f"{name}.tflite").stat().st_size,
        checksum=sidecar["checksum"],
    )
