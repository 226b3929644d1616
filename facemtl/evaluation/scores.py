"""Scores of predicted faces, in percent, each with its normaliser in its name.

Points are compared in pixels of the photo, so that a score does not depend on
how a network crops. NumPy only: any predictor can be scored.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from facemtl.data.faces import Faces
from facemtl.evaluation.point_scores import eye_indices, percent, score_points
from facemtl.tasks import Task

__all__ = ["eye_indices", "headline", "score", "score_classes", "score_points"]

DETAILS = ("per_", "bias_", "confusion")


def score(faces: Faces, answers: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """All scores of a set of faces.

    Args:
        faces: N faces with their labels; single points may be missing.
        answers: {task: array}: points (N, P, 2) in photo pixels, class
            probabilities (N, K), values (N, 1).

    Returns:
        `n`; `landmarks` (see `score_points`), by the task's own name; and
        `attributes` and `values`, by task. A task without labels is left out.
    """
    result: dict[str, Any] = {"n": len(faces)}
    for task in faces.tasks:
        known = task.is_labelled(faces.labels[task.name])
        if task.name not in answers or not known.any():
            continue
        some, answer = faces.select(known), answers[task.name][known]
        if task.kind == "landmarks":
            result[task.name] = score_points(some, task, answer)
        elif task.kind == "classes":
            labels = some.labels[task.name]
            part = result.setdefault("attributes", {})
            part[task.name] = score_classes(labels, answer, task)
        else:
            errors = np.abs(answer[:, 0] - some.labels[task.name])
            part = result.setdefault("values", {})
            part[task.name] = {
                "mean_absolute_error": round(float(errors.mean()), 4),
                "n": len(some),
            }
    return result


def score_classes(
    labels: np.ndarray, probabilities: np.ndarray, task: Task
) -> dict[str, Any]:
    """Scores of one attribute.

    Args:
        labels: (N,) integers.
        probabilities: (N, K).
        task: for the class names.

    Returns:
        `accuracy`, `balanced_accuracy` (mean over classes that occur, %),
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
        "confusion": {
            name: dict(zip(task.names, row.tolist(), strict=True))
            for name, row in zip(task.names, counts, strict=True)
        },
        "n": len(labels),
    }


def headline(scores: Mapping[str, Any]) -> dict[str, Any]:
    """The numbers of `score` that stand for a network, without the details.

    Example:

    >>> headline({"n": 2, "landmarks": {"mean_error_box": 2.0, "per_pose": {}}})
    {'n': 2, 'landmarks': {'mean_error_box': 2.0}}
    """
    return {
        key: headline(value) if isinstance(value, Mapping) else value
        for key, value in scores.items()
        if not key.startswith(DETAILS)
    }
