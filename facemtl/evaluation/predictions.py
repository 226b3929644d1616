"""`predictions.npz`: a network's predictions for the faces of each split."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from facemtl.data.faces import Faces
from facemtl.files.kept import read_arrays, read_kept
from facemtl.files.writing import write_arrays
from facemtl.tasks import Task


@dataclass(frozen=True)
class Predictions:
    """Predictions for N faces, with their labels.

    Attributes:
        tasks: tasks of labels and predictions.
        names: (N,) photo names.
        boxes: (N, 4) left, top, right, bottom in pixels.
        labels: {task: array}, as in `Faces`.
        answers: predictions, {task: array}: points (N, P, 2) in photo pixels,
            class probabilities (N, K), values (N, 1).
    """

    tasks: tuple[Task, ...]
    names: np.ndarray
    boxes: np.ndarray
    labels: dict[str, np.ndarray]
    answers: dict[str, np.ndarray]


def write_predictions(
    splits: Mapping[str, tuple[Faces, Mapping[str, np.ndarray]]], file: Path
) -> None:
    """Write faces and predictions of some splits into one file, atomically."""
    arrays: dict[str, Any] = {}
    for split, (faces, answers) in splits.items():
        tasks = json.dumps([task.to_dict() for task in faces.tasks])
        arrays[f"{split}/tasks"] = np.array(tasks)
        arrays[f"{split}/names"] = faces.names.astype(str)
        arrays[f"{split}/boxes"] = faces.boxes
        for task, label in faces.labels.items():
            arrays[f"{split}/labels/{task}"] = label
        for task, answer in answers.items():
            arrays[f"{split}/answers/{task}"] = answer.astype(np.float32)
    write_arrays(file, arrays, compressed=True)


def read_predictions(file: Path) -> dict[str, Predictions]:
    """Read {split: predictions} from a file of `write_predictions`.

    Raises:
        InputError: for a damaged file.
    """
    advice = (
        f"Remove {file.with_name('report.json')}: the run, resumed, predicts "
        "again."
    )
    return read_kept(file, _read, advice)


def _read(file: Path) -> dict[str, Predictions]:
    arrays = read_arrays(file)
    return {
        split: Predictions(
            tuple(
                map(Task.from_dict, json.loads(str(arrays[f"{split}/tasks"])))
            ),
            arrays[f"{split}/names"],
            arrays[f"{split}/boxes"],
            _below(arrays, f"{split}/labels/"),
            _below(arrays, f"{split}/answers/"),
        )
        for split in dict.fromkeys(key.split("/")[0] for key in arrays)
    }


def _below(
    arrays: Mapping[str, np.ndarray], prefix: str
) -> dict[str, np.ndarray]:
    return {
        key.removeprefix(prefix): array
        for key, array in arrays.items()
        if key.startswith(prefix)
    }
