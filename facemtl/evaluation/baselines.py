"""What a run has learned, beside the best constant prediction.

The mean shape of the training faces, their most frequent class and their median
value need no network: one that is no better has learned nothing.
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

# The score of a kind of task, in a report and in words, and its unit.
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
# Beyond these, a network has not learned little but gone astray: percent of
# the box, and times the error of the median.
ASTRAY_POINTS, ASTRAY_VALUE = 100.0, 10.0

Constants = Mapping[str, np.ndarray]
Report = dict[str, Any]


def constant_predictions(faces: Faces, tasks: Sequence[Task]) -> Constants:
    """The best prediction about every face alike, from training faces.

    Args:
        faces: the training faces.
        tasks: those of the run, each labelled somewhere.

    Returns:
        {task: array}: points (P, 2) in units of the squared box, classes (K,)
        with a 1 for the most frequent, values (1,).

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
    # A point that no face has lies in the middle of the box.
    return np.where(
        known.any(axis=0), total / np.maximum(known.sum(axis=0), 1), 0.5
    )


def predict_constants(constants: Constants, faces: Faces) -> Answers:
    """The constants as predictions about faces, points in photo pixels."""
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
    """What a report says of each task beside the best constant prediction.

    Args:
        tasks: those of the run.
        scores: of its network on the validation faces.
        train: the training faces.
        validation: the validation faces.

    Returns:
        `baselines` {task: the constant's score}, on the validation faces: of
        landmarks `mean_error_box`, of classes `balanced_accuracy`, of values
        `mean_absolute_error`; `learned` {task: whether the network's is
        better}; `not_learned`, a line about each task where it is not; and
        `diverged`, a line where the network went astray, else "".
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
        if not diverged and _astray(task, own, other):
            diverged = _diverged(task, own, other)
    return {
        "baselines": baselines,
        "learned": learned,
        "not_learned": lines,
        "diverged": diverged,
    }


def check_outcome(report: Report) -> Report:
    """The report of a run whose network can be used.

    Raises:
        RunFailed: for the report of a run that diverged.
    """
    if report.get("diverged"):
        raise RunFailed(report["diverged"])
    return report


def _score(scores: Mapping[str, Any], task: Task) -> float | None:
    """The main score of a task; None without labels of it."""
    groups = {"classes": "attributes", "value": "values"}
    group = groups.get(task.kind)
    parts = scores.get(group, {}) if group else scores
    return parts.get(task.name, {}).get(MEASURES[task.kind][0])


def _astray(task: Task, own: float, constant: float) -> bool:
    if not math.isfinite(own):
        return True
    if task.kind == "landmarks":
        return own > ASTRAY_POINTS
    return task.kind == "value" and own > ASTRAY_VALUE * constant > 0


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
        "train.learning_rate, or look at the labels (facemtl data check)."
    )


def _diverged(task: Task, own: float, constant: float) -> str:
    mine, always = _compared(task, own, constant)
    return (
        f"Training diverged. {mine} on the validation faces, where {always} "
        "would do. Lower train.learning_rate or train.stitch_rate, and start "
        "in another folder (--out on the command line)."
    )
