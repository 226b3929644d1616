"""Whole models of each kind that is loaded, and how they are read.

What is imported here is little: each process reads models of one kind.
"""

import hashlib
import math
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from facemtl.config import load_config
from facemtl.inference.runtimes import load_network
from facemtl.presets import FOLDER

SETTINGS = (
    *("data.source=synthetic", "data.faces=64", "model.width=0.25"),
    *("train.batch_size=16", "train.epochs=1"),
)


Files = dict[str, bytes]


class Damaged(NamedTuple):
    """A damaged model.

    Attributes:
        how: what was done to it.
        files: {name: content}.
        expected: "same", "refused" or "any".
    """

    how: str
    files: Files
    expected: str


@dataclass(frozen=True)
class Kind:
    """A kind of model.

    Attributes:
        name: of the kind.
        make: writes a whole one into an empty folder.
        damaged: the file in it that is damaged bit by bit.
        load: from the folder to what the model predicts, in words.
    """

    name: str
    make: Callable[[Path], object]
    damaged: tuple[str, ...]
    load: Callable[[Path], str]


def files_of(folder: Path) -> Files:
    """{name: content} of a folder."""
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def write_files(files: Files, folder: Path) -> None:
    """The inverse."""
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


def predicted(path: Path) -> str:
    """The tasks and the predictions of a network."""
    network = load_network(path)
    ramp = np.arange(2 * math.prod(network.crop.shape)) * 7 % 251
    crops = ramp.astype(np.uint8).reshape(2, *network.crop.shape)
    numbers = network.predict(crops)
    digest = hashlib.sha256()
    for name in sorted(numbers):
        digest.update(np.ascontiguousarray(numbers[name]).tobytes())
    names = [(task.name, task.names) for task in network.tasks]
    return f"{names} {digest.hexdigest()[:20]}"


def _exported(name: str) -> Callable[[Path], object]:
    def make(folder: Path) -> object:
        from model_file_case import small_export

        source = small_export() / name
        if source.is_dir():
            return shutil.copytree(source, folder / name)
        return shutil.copy(source, folder / name)

    return make


def _tiny(folder: Path) -> object:
    return shutil.copy(FOLDER / "tiny.tflite", folder / "model.tflite")


def _keras(folder: Path) -> object:
    from model_file_case import TASKS

    from facemtl.models import FaceNetwork

    network = FaceNetwork(TASKS, width=0.1, architecture="split")
    return network.save(folder / "model.keras")


def _run(folder: Path) -> object:
    """A run that was cut off behind its only epoch."""
    from facemtl.training.runs import train

    train(load_config("split", settings=SETTINGS), folder / "run", verbose=0)
    shutil.rmtree(folder / "run/logs")
    for name in ("report.json", "predictions.npz", "predictions.png"):
        (folder / "run" / name).unlink()
    return folder


def _resumed(path: Path) -> str:
    """What a run reports that goes on."""
    from facemtl.training.runs import train

    config = load_config("split", settings=SETTINGS)
    report = train(config, path / "run", resume=True, verbose=0)
    return f"{report['scores']} {report['best_epoch']}"


KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            ".tflite",
            _tiny,
            ("model.tflite",),
            lambda path: predicted(path / "model.tflite"),
        ),
        Kind(
            ".onnx",
            _exported("model.onnx"),
            ("model.onnx",),
            lambda path: predicted(path / "model.onnx"),
        ),
        Kind(
            ".keras",
            _keras,
            ("model.keras",),
            lambda path: predicted(path / "model.keras"),
        ),
        Kind(
            "SavedModel",
            _exported("saved_model"),
            (
                "saved_model/saved_model.pb",
                "saved_model/variables/variables.index",
                "saved_model/variables/variables.data-00000-of-00001",
            ),
            lambda path: predicted(path / "saved_model"),
        ),
        Kind("run", _run, ("run/state.npz",), _resumed),
    )
}
