"""Measures of a study: scores per face, whose mean is the reported score."""

from dataclasses import dataclass

import numpy as np

from facemtl.evaluation.normalizers import (
    ERROR,
    FAILED,
    error_key,
    failure_key,
    normalizer_lengths,
    normalizer_of,
    title_of,
)
from facemtl.evaluation.point_scores import mean_of_points
from facemtl.evaluation.predictions import Predictions
from facemtl.tasks import Task, landmarks_task


@dataclass(frozen=True)
class Measure:
    """The title of a measure, and whether lower is better."""

    title: str
    less_is_better: bool


LANDMARK_MEASURES = {
    "mean_error_box": Measure("NME-box, %", True),
    "failure_rate_box_5": Measure("FR@5 %-box", True),
}
ATTRIBUTES = Measure("attributes, %", False)


def describe(name: str) -> Measure:
    """Return the measure with a name from `face_scores`.

    Example:

    >>> describe("smile balanced_accuracy").title
    'smile, balanced accuracy, %'
    >>> describe("mean_error_eye_corners").title
    'NME-eye corners, %'
    """
    if name in LANDMARK_MEASURES:
        return LANDMARK_MEASURES[name]
    if repeats_box(name):
        return Measure(title_of(name), True)
    if name == "attributes":
        return ATTRIBUTES
    task, kind = name.rsplit(" ", 1)
    if kind == "absolute_error":
        return Measure(f"{task}, absolute error", True)
    return Measure(f"{task}, {kind.replace('_', ' ')}, %", False)


def repeats_box(name: str) -> bool:
    """Whether a measure is a landmark score with a normalizer of the task.

    Such a score repeats the findings of those normalized by the box.

    Example:

    >>> repeats_box("mean_error_interocular"), repeats_box("mean_error_box")
    (True, False)
    """
    # Other measures have a blank after the name of their task.
    landmark = name.startswith((ERROR, FAILED)) and " " not in name
    return landmark and name not in LANDMARK_MEASURES


def face_scores(predictions: Predictions) -> dict[str, np.ndarray]:
    """Return the scores of each measure per face, shape (N,).

    A face without a label scores NaN. Landmark scores use the labelled points
    of a face. Scores with a normalizer of the task are NaN if one of its points
    is missing. A measure without a labelled face is omitted.

    Balanced accuracy weights a face by the rarity of its class, so that the
    mean over faces is the mean over classes. `attributes` is the mean over the
    class tasks, if the network predicts all labelled ones.

    Args:
        predictions: predictions for one split.
    """
    scores: dict[str, np.ndarray] = {}
    right = {}
    for task in predictions.tasks:
        if task.name not in predictions.answers:
            continue
        label = predictions.labels[task.name]
        answer = predictions.answers[task.name]
        known = task.is_labelled(label)
        if not known.any():
            continue
        if task.kind == "classes":
            right[task.name] = _right(label, answer)
            scores |= _class_scores(task, label, right[task.name])
        elif task.kind == "value":
            scores[f"{task.name} absolute_error"] = np.abs(answer[:, 0] - label)
    if right and len(right) == _labelled_class_tasks(predictions):
        scores["attributes"] = np.mean(list(right.values()), axis=0)
    return landmark_scores(predictions) | _known(scores)


def landmark_scores(predictions: Predictions) -> dict[str, np.ndarray]:
    """Return the landmark measures; empty if there are no points."""
    task = landmarks_task(predictions.tasks)
    if task is None or task.name not in predictions.answers:
        return {}
    known = task.labelled_parts(predictions.labels[task.name])
    error = point_errors(predictions, task)
    scores = {
        "mean_error_box": mean_of_points(error, known),
        "failure_rate_box_5": 100 * mean_of_points(error > 5, known),
    }
    normalizer = normalizer_of(task)
    apart = normalizer_lengths(predictions.labels[task.name], task)
    if normalizer is not None and apart is not None:
        mean = scores["mean_error_box"] * _widths(predictions) / apart[:, 0]
        scores[error_key(normalizer.name)] = mean
        scores[failure_key(normalizer.name)] = 100 * _over(mean, 10)
    return _known(scores)


def point_errors(predictions: Predictions, task: Task) -> np.ndarray:
    """Return (N, P) errors in percent of the box width; NaN if unlabelled."""
    offset = predictions.answers[task.name] - predictions.labels[task.name]
    distance = np.linalg.norm(offset, axis=2)
    return 100 * distance / _widths(predictions)[:, None]


def _labelled_class_tasks(predictions: Predictions) -> int:
    return sum(
        task.kind == "classes"
        and bool((predictions.labels[task.name] >= 0).any())
        for task in predictions.tasks
    )


def _widths(predictions: Predictions) -> np.ndarray:
    return predictions.boxes[:, 2] - predictions.boxes[:, 0]


def _over(values: np.ndarray, limit: float) -> np.ndarray:
    """Return 1 above the limit, 0 at or below it, NaN for NaN."""
    return np.where(np.isnan(values), np.nan, values > limit)


def _known(scores: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the measures with at least one score."""
    return {k: y for k, y in scores.items() if not np.isnan(y).all()}


def _right(label: np.ndarray, answer: np.ndarray) -> np.ndarray:
    """Return 100 if the predicted class is right, else 0; NaN if unlabelled."""
    right = 100.0 * (answer.argmax(axis=1) == label)
    return np.where(label < 0, np.nan, right)


def _class_scores(
    task: Task, label: np.ndarray, right: np.ndarray
) -> dict[str, np.ndarray]:
    counts = np.bincount(label[label >= 0], minlength=task.size)
    rarity = counts.sum() / (np.count_nonzero(counts) * np.maximum(counts, 1))
    return {
        f"{task.name} accuracy": right,
        f"{task.name} balanced_accuracy": right * rarity[np.maximum(label, 0)],
    }
