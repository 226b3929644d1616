"""Scores of predicted faces, in percent, each with its normaliser in its name.

Points are compared in pixels of the photo, so that a score does not depend on
how a network crops. NumPy only: any predictor can be scored.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from facemtl.datasets.faces import Faces
from facemtl.tasks import Task

EYES = ("left eye", "right eye")
DETAILS = ("per_", "bias_", "confusion")


def eye_indices(task: Task) -> tuple[int, int] | None:
    """Where the two eyes stand among a task's points; None without them."""
    if not set(EYES) <= set(task.names):
        return None
    return task.names.index(EYES[0]), task.names.index(EYES[1])


def score(faces: Faces, answers: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """All scores of a set of faces.

    Args:
        faces: N faces with their labels.
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


def score_points(
    faces: Faces, task: Task, predicted: np.ndarray
) -> dict[str, Any]:
    """Scores of landmarks over all faces, by point and by class.

    Args:
        faces: N faces, all labelled.
        task: the landmarks task.
        predicted: (N, P, 2) in photo pixels.

    Returns:
        `mean_error_box`: distance over the box's width; `failure_rate_box_5`:
        share of points over 5 % of it; `failure_rate_face_box_5`: share of
        faces whose mean is; `bias_box`: signed mean per axis, which alone
        reveals a half-pixel fault. With two eyes: `mean_error_interocular`,
        `failure_rate_interocular_10` (faces), and the diagnostic
        `mean_error_interocular_shift_free`: after one constant shift in
        pixels, the median over faces and points, is taken off (for sets whose
        labels follow another convention). `per_landmark`, and `per_pose` and
        the like for each task with classes.
    """
    truth = faces.labels[task.name]
    offset = predicted - truth
    measures = _Measures(
        width=(faces.boxes[:, 2] - faces.boxes[:, 0])[:, None],
        apart=_eyes_apart(truth, task),
        shift=np.median(offset, axis=(0, 1)),
    )
    result = _point_scores(offset, measures)
    result["per_landmark"] = {
        name: _box_scores(offset[:, i : i + 1], measures.width)
        for i, name in enumerate(task.names)
    }
    for other in faces.tasks:
        if other.kind == "classes":
            labels = faces.labels[other.name]
            result[f"per_{other.name}"] = {
                name: {
                    "n": int((labels == k).sum()),
                    **_point_scores(
                        offset[labels == k], measures.select(labels == k)
                    ),
                }
                for k, name in enumerate(other.names)
                if (labels == k).any()
            }
    return result


@dataclass(frozen=True)
class _Measures:
    """What errors are measured by: (N, 1) pixels, or None without eyes."""

    width: np.ndarray
    apart: np.ndarray | None
    shift: np.ndarray

    def select(self, chosen: np.ndarray) -> "_Measures":
        apart = None if self.apart is None else self.apart[chosen]
        return _Measures(self.width[chosen], apart, self.shift)


def _eyes_apart(truth: np.ndarray, task: Task) -> np.ndarray | None:
    """The eyes' distances (N, 1); None where the task has no two eyes."""
    eyes = eye_indices(task)
    if eyes is None:
        return None
    return _length(truth[:, eyes[0]] - truth[:, eyes[1]])[:, None]


def _point_scores(offset: np.ndarray, by: _Measures) -> dict[str, Any]:
    """Scores of offsets (N, P, 2) in pixels."""
    error = _length(offset)
    scores = _box_scores(offset, by.width)
    scores["failure_rate_face_box_5"] = _percent(
        (error / by.width).mean(axis=1) > 0.05
    )
    if by.apart is not None:
        interocular = (error / by.apart).mean(axis=1)
        free = _length(offset - by.shift) / by.apart
        scores |= {
            "mean_error_interocular": _percent(interocular),
            "failure_rate_interocular_10": _percent(interocular > 0.1),
            "mean_error_interocular_shift_free": _percent(free),
        }
    return scores


def _box_scores(offset: np.ndarray, width: np.ndarray) -> dict[str, Any]:
    """Scores of offsets (N, P, 2) over the boxes' widths (N, 1)."""
    error = _length(offset) / width
    signed = offset / width[:, :, None]
    return {
        "mean_error_box": _percent(error),
        "failure_rate_box_5": _percent(error > 0.05),
        "bias_box": {
            "x": _percent(signed[..., 0]),
            "y": _percent(signed[..., 1]),
        },
    }


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
        "accuracy": _percent(found == labels),
        "balanced_accuracy": _percent(rates),
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


def _length(vectors: np.ndarray) -> np.ndarray:
    return np.linalg.norm(vectors, axis=-1)


def _percent(shares: np.ndarray) -> float:
    return round(100 * float(np.mean(shares)), 4)
