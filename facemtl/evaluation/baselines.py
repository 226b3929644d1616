"""Comparison of a trained network with the best constant prediction.

The mean shape, the most frequent class and the median value of the training
faces need no network. A network that is not better has learned nothing.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from facemtl.data.faces import Faces
from facemtl.errors import RunFailed
from facemtl.evaluation.scores import score
from facemtl.geometry.crops import square_windows, to_photo, to_window
from facemtl.inference.runtimes.runtime import Answers
from facemtl.tasks import Task

# For each kind of task: the key of its score, the score's name, and its unit.
MEASURES = {
    "landmarks": ("mean_error_box", "NME-box", " %"),
    "classes": ("balanced_accuracy", "balanced accuracy", " %"),
    "value": ("mean_absolute_error", "mean absolute error", ""),
}
CONSTANTS = {
    "landmarks": "the training faces' mean shape",
    "classes": "the training faces' most frequent class",
    "value": "the training faces' median",
}
# Errors beyond these show that training diverged: percent of the box width,
# and multiples of the error of the median.
DIVERGED_POINTS, DIVERGED_VALUE = 100.0, 10.0

Constants = Mapping[str, np.ndarray]
Report = dict[str, Any]


def constant_predictions(faces: Faces, tasks: Sequence[Task]) -> Constants:
    """Return the best constant predictions, computed from training faces.

    Args:
        faces: the training faces.
        tasks: tasks of the run, each with at least one label.

    Returns:
        {task: array}: points (P, 2) in units of the squared box, classes (K,)
        with a 1 for the most frequent class, values (1,).

    Example:

    >>> from facemtl.data.synthetic.faces import synthetic_faces
    >>> faces = synthetic_faces(30)
    >>> constant_predictions(faces, faces.tasks)["glasses"]
    array([0., 1.])
    """
    found = {}
    for task in tasks:
        labels = faces.labels[task.name]
        if task.kind == "landmarks":
            found[task.name] = _mean_shape(faces, labels)
        elif task.kind == "classes":
            counts = np.bincount(labels[labels >= 0], minlength=task.size)
            found[task.name] = np.eye(task.size)[counts.argmax()]
        else:
            known = labels[np.isfinite(labels)]
            found[task.name] = np.array([np.median(known)])
    return found


def _mean_shape(faces: Faces, labels: np.ndarray) -> np.ndarray:
    placed = to_window(labels, square_windows(faces.boxes))
    known = np.isfinite(placed)
    total = np.where(known, placed, 0.0).sum(axis=0)
    # A point without labels is set to the centre of the box.
    return np.where(
        known.any(axis=0), total / np.maximum(known.sum(axis=0), 1), 0.5
    )


def predict_constants(constants: Constants, faces: Faces) -> Answers:
    """Return the constants as predictions, with points in photo pixels."""
    windows = square_windows(faces.boxes)
    return {
        name: to_photo(np.repeat(one[None], len(faces), axis=0), windows)
        if one.ndim == 2
        else np.repeat(one[None], len(faces), axis=0)
        for name, one in constants.items()
    }


def outcome(
    tasks: Sequence[Task],
    scores: Mapping[str, Any],
    train: Faces,
    validation: Faces,
) -> Report:
    """Compare each task's score with that of the best constant prediction.

    Args:
        tasks: tasks of the run.
        scores: scores of its network on the validation faces.
        train: the training faces.
        validation: the validation faces.

    Returns:
        Entries of a report. `baselines`: {task: score of the constant} on the
        validation faces: `mean_error_box` of landmarks, `balanced_accuracy` of
        classes, `mean_absolute_error` of values. `learned`: {task: whether the
        network is better}. `not_learned`: a line for each task for which it is
        not. `diverged`: a line if training diverged, otherwise "".
    """
    constants = constant_predictions(train, tasks)
    by_constants = score(validation, predict_constants(constants, validation))
    baselines: dict[str, float] = {}
    learned: dict[str, bool] = {}
    lines: list[str] = []
    diverged = ""
    for task in tasks:
        own, other = _score(scores, task), _score(by_constants, task)
        if own is None or other is None:
            continue
        baselines[task.name] = other
        better = own > other if task.kind == "classes" else own < other
        learned[task.name] = bool(better)
        lines += [] if better else [_not_learned(task, own, other)]
        if not diverged and _is_diverged(task, own, other):
            diverged = _diverged(task, own, other)
    return {
        "baselines": baselines,
        "learned": learned,
        "not_learned": lines,
        "diverged": diverged,
    }


def check_outcome(report: Report) -> Report:
    """Return the report of a run, or raise if training diverged.

    Raises:
        RunFailed: if training diverged.
    """
    if report.get("diverged"):
        raise RunFailed(report["diverged"])
    return report


def _score(scores: Mapping[str, Any], task: Task) -> float | None:
    """Return the main score of a task, or None if it has no labels."""
    groups = {"classes": "attributes", "value": "values"}
    group = groups.get(task.kind)
    parts = scores.get(group, {}) if group else scores
    return parts.get(task.name, {}).get(MEASURES[task.kind][0])


def _is_diverged(task: Task, own: float, constant: float) -> bool:
    if not math.isfinite(own):
        return True
    if task.kind == "landmarks":
        return own > DIVERGED_POINTS
    return task.kind == "value" and own > DIVERGED_VALUE * constant > 0


def _compared(task: Task, own: float, constant: float) -> tuple[str, str]:
    _, measure, unit = MEASURES[task.kind]
    digits = ".4g" if task.kind == "value" else ".1f"
    always = f"always predicting {CONSTANTS[task.kind]}"
    return (
        f"{task.name}: {measure} {own:{digits}}{unit}",
        f"{always} ({constant:{digits}}{unit})",
    )


def _not_learned(task: Task, own: float, constant: float) -> str:
    mine, always = _compared(task, own, constant)
    return (
        f"{mine} on the validation faces is no better than {always}: the "
        "network has learned nothing here. Train longer (train.epochs), lower "
        "train.learning_rate, or check the labels (facemtl data check)."
    )


def _diverged(task: Task, own: float, constant: float) -> str:
    mine, always = _compared(task, own, constant)
    return (
        f"Training diverged. {mine} on the validation faces is worse than "
        f"{always}. Lower train.learning_rate or train.stitch_rate, and start "
        "in another folder (--out on the command line)."
    )
