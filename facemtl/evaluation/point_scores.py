"""Scores of predicted points in percent, over all or some points of a face.

A score is the mean, over faces with a labelled point, of the mean over the
face's labelled points. Each face counts once, even if points are missing. If
no point is missing, this equals the mean over all points.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from facemtl.data.faces import Faces
from facemtl.evaluation.normalizers import (
    error_key,
    failure_key,
    free_key,
    normalizer_lengths,
    normalizer_of,
)
from facemtl.tasks import Task


def score_points(
    faces: Faces, task: Task, predicted: np.ndarray
) -> dict[str, Any]:
    """Return means over faces of means over points, by point and by class.

    Args:
        faces: N faces, each with at least one labelled point.
        task: the landmarks task.
        predicted: (N, P, 2) in photo pixels.

    Returns:
        `mean_error_box`: distance divided by the box width.
        `failure_rate_box_5`: share of points with more than 5 % of it.
        `failure_rate_face_box_5`: share of faces whose mean exceeds it.
        `bias_box`: signed mean per axis, which reveals half-pixel errors.

        If the task has a normalizer, such as `eye_corners`, over faces with
        all of its points: `mean_error_eye_corners`;
        `failure_rate_eye_corners_10` (of faces); and the diagnostic
        `mean_error_eye_corners_shift_free`, after subtraction of one constant
        shift in pixels, the median over all labelled points, for data sets
        with another label convention. `n_eye_corners` is the number of these
        faces if some are excluded, and `normalizer` describes it. A task with
        points named "left eye" and "right eye" and without a normalizer of its
        own has `mean_error_interocular` and so on.

        `per_landmark`: scores of each point over the faces that have it, with
        their number `n` if some are excluded; points without labels are left
        out. `per_pose` and similar keys: scores by class of each class task.
    """
    truth = faces.labels[task.name]
    known, offset = task.labelled_parts(truth), predicted - truth
    normalizer = normalizer_of(task)
    errors = _Errors(
        offset=offset,
        known=known,
        width=(faces.boxes[:, 2] - faces.boxes[:, 0])[:, None],
        apart=normalizer_lengths(truth, task),
        normalizer=normalizer.name if normalizer else "",
        shift=np.median(offset[known], axis=0),
    )
    result = _point_scores(errors)
    if task.normalizer is not None:
        result["normalizer"] = task.normalizer.to_dict()
    result["per_landmark"] = _by_landmark(errors, task)
    return result | _by_class(errors, faces)


@dataclass(frozen=True)
class _Errors:
    """Errors of N faces' points, with the lengths that normalize them.

    Attributes:
        offset: (N, P, 2) pixels.
        known: (N, P) bool: which points are labelled.
        width: (N, 1) box widths in pixels.
        apart: (N, 1) lengths of the task's normalizer in pixels, see
            `normalizer_lengths`.
        normalizer: its name.
        shift: (2,) pixels, the median over all labelled points.
    """

    offset: np.ndarray
    known: np.ndarray
    width: np.ndarray
    apart: np.ndarray | None
    normalizer: str
    shift: np.ndarray

    def select(
        self, faces: np.ndarray, points: slice = slice(None)
    ) -> "_Errors":
        """Return the errors of some faces and points."""
        return replace(
            self,
            offset=self.offset[faces, points],
            known=self.known[faces, points],
            width=self.width[faces],
            apart=None if self.apart is None else self.apart[faces],
        )

    def mean(self, values: np.ndarray) -> np.ndarray:
        """Return means over the faces' labelled points, (N, P) -> (N,)."""
        return mean_of_points(values, self.known)


def _by_landmark(errors: _Errors, task: Task) -> dict[str, Any]:
    """Return scores of each labelled point, over the faces that have it."""
    result = {}
    for i, name in enumerate(task.names):
        has = errors.known[:, i]
        if has.any():
            n = {} if has.all() else {"n": int(has.sum())}
            own = _box_scores(errors.select(has, slice(i, i + 1)))
            result[name] = {**n, **own}
    return result


def _by_class(errors: _Errors, faces: Faces) -> dict[str, Any]:
    """Return scores of the faces of each class, by class task."""
    return {
        f"per_{task.name}": {
            name: {
                "n": int((labels == k).sum()),
                **_point_scores(errors.select(labels == k)),
            }
            for k, name in enumerate(task.names)
            if (labels == k).any()
        }
        for task, labels in ((t, faces.labels[t.name]) for t in faces.tasks)
        if task.kind == "classes"
    }


def _point_scores(errors: _Errors) -> dict[str, Any]:
    """Return scores of all points together."""
    means = errors.mean(_length(errors.offset) / errors.width)
    return {
        **_box_scores(errors),
        "failure_rate_face_box_5": percent(means > 0.05),
        **_normalized_scores(errors),
    }


def _normalized_scores(errors: _Errors) -> dict[str, Any]:
    """Return scores over faces with a normalizer; empty if there are none."""
    if errors.apart is None:
        return {}
    has = np.isfinite(errors.apart[:, 0])
    if not has.any():
        return {}
    some = errors.select(has)
    means = some.mean(_length(some.offset) / some.apart)
    free = some.mean(_length(some.offset - some.shift) / some.apart)
    name = errors.normalizer
    return {
        **({} if has.all() else {f"n_{name}": int(has.sum())}),
        error_key(name): percent(means),
        failure_key(name): percent(means > 0.1),
        free_key(name): percent(free),
    }


def _box_scores(errors: _Errors) -> dict[str, Any]:
    """Return scores normalized by the box widths."""
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
    """Return means of (N, P) over the labelled points of each face.

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
    """Return a mean as percent, rounded to four decimals."""
    return round(100 * float(np.mean(shares)), 4)
