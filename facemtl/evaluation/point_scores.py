"""Scores of predicted points, in percent, of all of a face or of some.

A score is the mean over the faces that have any point labelled, of the mean
over a face's labelled points: each face counts once, however many of its points
are missing. Where none is missing, that is the mean over all points.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from facemtl.data.faces import Faces
from facemtl.tasks import Task

EYES = ("left eye", "right eye")


def eye_indices(task: Task) -> tuple[int, int] | None:
    """Where the two eyes stand among a task's points; None without them."""
    if not set(EYES) <= set(task.names):
        return None
    return task.names.index(EYES[0]), task.names.index(EYES[1])


def eyes_apart(points: np.ndarray, task: Task) -> np.ndarray | None:
    """The distances (N, 1) between the eyes of points (N, P, 2).

    NaN where an eye is missing or both are one point, as nothing can be
    measured by it; None where the task has no two eyes.
    """
    eyes = eye_indices(task)
    if eyes is None:
        return None
    apart = _length(points[:, eyes[0]] - points[:, eyes[1]])[:, None]
    return np.where(apart > 0, apart, np.nan)


def score_points(
    faces: Faces, task: Task, predicted: np.ndarray
) -> dict[str, Any]:
    """Scores of landmarks over all faces, by point and by class.

    Each is a mean over faces, of the mean over a face's labelled points.

    Args:
        faces: N faces, each with a labelled point or more.
        task: the landmarks task.
        predicted: (N, P, 2) in photo pixels.

    Returns:
        `mean_error_box`: distance over the box's width; `failure_rate_box_5`:
        share of points over 5 % of it; `failure_rate_face_box_5`: share of
        faces whose mean is; `bias_box`: signed mean per axis, which alone
        reveals a half-pixel fault. With two eyes, over the faces that have both
        labelled: `mean_error_interocular`, `failure_rate_interocular_10`
        (faces), and the diagnostic `mean_error_interocular_shift_free`: after
        one constant shift in pixels, the median over all labelled points, is
        taken off (for sets whose labels follow another convention);
        `n_interocular` where these faces are not all. `per_landmark`, over the
        faces that have the point, with their number `n` where they are not all;
        a point that no face has is left out. `per_pose` and the like for each
        task with classes.
    """
    truth = faces.labels[task.name]
    known, offset = task.labelled_parts(truth), predicted - truth
    errors = _Errors(
        offset=offset,
        known=known,
        width=(faces.boxes[:, 2] - faces.boxes[:, 0])[:, None],
        apart=eyes_apart(truth, task),
        shift=np.median(offset[known], axis=0),
    )
    result = _point_scores(errors)
    result["per_landmark"] = _by_landmark(errors, task)
    for other in faces.tasks:
        if other.kind == "classes":
            labels = faces.labels[other.name]
            result[f"per_{other.name}"] = {
                name: {
                    "n": int((labels == k).sum()),
                    **_point_scores(errors.select(labels == k)),
                }
                for k, name in enumerate(other.names)
                if (labels == k).any()
            }
    return result


@dataclass(frozen=True)
class _Errors:
    """How far N faces' points are off, and what that is measured by.

    Attributes:
        offset: (N, P, 2) pixels.
        known: (N, P) bool: which points are labelled.
        width: (N, 1) pixels, of the boxes.
        apart: (N, 1) pixels, of the eyes; NaN where one is missing, or both
            are one point. None where the task has no two eyes.
        shift: (2,) pixels, the median over all labelled points.
    """

    offset: np.ndarray
    known: np.ndarray
    width: np.ndarray
    apart: np.ndarray | None
    shift: np.ndarray

    def select(
        self, faces: np.ndarray, points: slice = slice(None)
    ) -> "_Errors":
        """Some of the faces, and of their points."""
        return replace(
            self,
            offset=self.offset[faces, points],
            known=self.known[faces, points],
            width=self.width[faces],
            apart=None if self.apart is None else self.apart[faces],
        )

    def mean(self, values: np.ndarray) -> np.ndarray:
        """(N, P) -> (N,): means over the faces' labelled points."""
        return mean_of_points(values, self.known)


def _by_landmark(errors: _Errors, task: Task) -> dict[str, Any]:
    """Scores of each point that any face has, over the faces that have it."""
    result = {}
    for i, name in enumerate(task.names):
        has = errors.known[:, i]
        if has.any():
            n = {} if has.all() else {"n": int(has.sum())}
            own = _box_scores(errors.select(has, slice(i, i + 1)))
            result[name] = {**n, **own}
    return result


def _point_scores(errors: _Errors) -> dict[str, Any]:
    """Scores of all points together."""
    means = errors.mean(_length(errors.offset) / errors.width)
    return {
        **_box_scores(errors),
        "failure_rate_face_box_5": percent(means > 0.05),
        **_interocular_scores(errors),
    }


def _interocular_scores(errors: _Errors) -> dict[str, Any]:
    """Scores over the faces that have both eyes; empty where none has."""
    if errors.apart is None:
        return {}
    has = np.isfinite(errors.apart[:, 0])
    if not has.any():
        return {}
    some = errors.select(has)
    means = some.mean(_length(some.offset) / some.apart)
    free = some.mean(_length(some.offset - some.shift) / some.apart)
    return {
        **({} if has.all() else {"n_interocular": int(has.sum())}),
        "mean_error_interocular": percent(means),
        "failure_rate_interocular_10": percent(means > 0.1),
        "mean_error_interocular_shift_free": percent(free),
    }


def _box_scores(errors: _Errors) -> dict[str, Any]:
    """Scores over the boxes' widths."""
    error = _length(errors.offset) / errors.width
    x, y = np.moveaxis(errors.offset / errors.width[..., None], -1, 0)
    return {
        "mean_error_box": percent(errors.mean(error)),
        "failure_rate_box_5": percent(errors.mean(error > 0.05)),
        "bias_box": {
            "x": percent(errors.mean(x)),
            "y": percent(errors.mean(y)),
        },
    }


def mean_of_points(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Means of (N, P) over the labelled points of each of N faces.

    Args:
        values: (N, P).
        known: (N, P) bool: which points are labelled.

    Returns:
        (N,) float64; NaN for a face without a labelled point.

    Example:

    >>> values, known = np.array([[1.0, 5.0, 3.0]]), [[True, False, True]]
    >>> mean_of_points(values, np.array(known))
    array([2.])
    """
    n = known.sum(axis=1)
    total = np.where(known, values, 0.0).sum(axis=1)
    return np.where(n > 0, total / np.maximum(n, 1), np.nan)


def _length(vectors: np.ndarray) -> np.ndarray:
    return np.linalg.norm(vectors, axis=-1)


def percent(shares: np.ndarray) -> float:
    """A mean as percent, four digits behind the point."""
    return round(100 * float(np.mean(shares)), 4)
