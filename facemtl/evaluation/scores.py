"""Scores of predictions in percent, with the normalizer in their names.

Points are compared in photo pixels, so that scores do not depend on the crop.
The module uses NumPy only and can score any predictor.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from facemtl.data.faces import Faces
from facemtl.evaluation.calibration import calibration_error, score_sigma
from facemtl.evaluation.normalizers import eye_indices
from facemtl.evaluation.point_scores import percent, score_points
from facemtl.tasks import Task, sigma_name

__all__ = ["eye_indices", "headline", "score", "score_classes", "score_points"]

DETAILS = ("per_", "bias_", "confusion")


def score(
    faces: Faces, predictions: Mapping[str, np.ndarray]
) -> dict[str, Any]:
    """Return all scores of a set of faces.

    Args:
        faces: N faces with their labels; single points may be missing.
        predictions: {task: array}: points (N, P, 2) in photo pixels, class
            probabilities (N, K), values (N, 1); and deviations of points
            (N, P) in pixels under `sigma_name(task)`, if there are any.

    Returns:
        `n`; scores of landmarks (see `score_points`, `score_sigma`) under the
        name of their task; and `attributes` and `values`, by task. Tasks
        without labels are left out.
    """
    result: dict[str, Any] = {"n": len(faces)}
    for task in faces.tasks:
        known = task.is_labelled(faces.labels[task.name])
        if task.name not in predictions or not known.any():
            continue
        some, predicted = faces.select(known), predictions[task.name][known]
        if task.kind == "landmarks":
            result[task.name] = score_points(some, task, predicted)
            if sigma_name(task) in predictions:
                errors = predicted - some.labels[task.name]
                sigma = predictions[sigma_name(task)][known]
                away = np.linalg.norm(errors, axis=-1)
                widths = some.boxes[:, 2] - some.boxes[:, 0]
                result[task.name] |= score_sigma(away, sigma, widths)
        elif task.kind == "classes":
            labels = some.labels[task.name]
            part = result.setdefault("attributes", {})
            part[task.name] = score_classes(labels, predicted, task)
        else:
            labels = some.labels[task.name]
            part = result.setdefault("values", {})
            part[task.name] = _score_values(labels, predicted)
    return result


def _score_values(labels: np.ndarray, predicted: np.ndarray) -> dict[str, Any]:
    error = float(np.abs(predicted[:, 0] - labels).mean())
    return {"mean_absolute_error": round(error, 4), "n": len(labels)}


def score_classes(
    labels: np.ndarray, probabilities: np.ndarray, task: Task
) -> dict[str, Any]:
    """Return the scores of one attribute.

    Args:
        labels: (N,) integers.
        probabilities: (N, K).
        task: the task, for its class names.

    Returns:
        `accuracy`, `balanced_accuracy` (mean over classes that occur) and
        `calibration_error` (see `facemtl.evaluation.calibration`), all in %,
        `confusion` {true class: {predicted class: faces}} and `n`.
    """
    found = probabilities.argmax(axis=1)
    counts = np.zeros((task.size, task.size), int)
    np.add.at(counts, (labels, found), 1)
    faces = counts.sum(axis=1)
    rates = counts.diagonal()[faces > 0] / faces[faces > 0]
    return {
        "accuracy": percent(found == labels),
        "balanced_accuracy": percent(rates),
        "calibration_error": calibration_error(labels, probabilities),
        "confusion": {
            name: dict(zip(task.names, row.tolist(), strict=True))
            for name, row in zip(task.names, counts, strict=True)
        },
        "n": len(labels),
    }


def headline(scores: Mapping[str, Any]) -> dict[str, Any]:
    """Return the main numbers of `score`, without details.

    Example:

    >>> headline({"n": 2, "landmarks": {"mean_error_box": 2.0, "per_pose": {}}})
    {'n': 2, 'landmarks': {'mean_error_box': 2.0}}
    """
    return {
        key: headline(value) if isinstance(value, Mapping) else value
        for key, value in scores.items()
        if not key.startswith(DETAILS)
    }
