"""Landmark metrics in percent, with the normalizer in their names.

Sums are kept over faces, so that faces of a smaller last batch count equally.
A face with missing points counts as one face, by the mean over its labelled
points.
"""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from facemtl.arguments import (
    checked_choice,
    checked_flag,
    checked_number,
    is_count,
)
from facemtl.errors import InputError

NORMALIZERS = ("box", "interocular")
Eyes = tuple[int | tuple[int, ...], ...]


class _LandmarkMetric(keras.metrics.Mean):
    """Mean of a function of the normalized errors of points."""

    def __init__(
        self,
        normalizer: str = "box",
        box: float = 1.0,
        eyes: Sequence[int | Sequence[int]] = (0, 1),
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        self.normalizer = checked_choice(
            "a normalizer", normalizer, NORMALIZERS
        )
        self.box = checked_number("box > 0", box, lambda x: x > 0)
        self.eyes = _checked_eyes(eyes)

    def errors(self, y_true: Any, y_pred: Any) -> Any:
        """Return (B, P) distances divided by the normalizer."""
        y_true, y_pred = (ops.cast(y, self.dtype) for y in (y_true, y_pred))
        distance = ops.sqrt(ops.sum(ops.square(y_pred - y_true), axis=-1))
        if self.normalizer == "box":
            return distance / self.box
        left, right = (
            ops.mean(ops.take(y_true, end, axis=1), axis=1)
            for end in self._ends()
        )
        apart = ops.sqrt(ops.sum(ops.square(left - right), axis=-1))
        # A face without labelled eyes has no normalizer; its weight is zero.
        return distance / ops.maximum(apart, keras.config.epsilon())[:, None]

    def weights(self, sample_weight: Any) -> tuple[Any, Any]:
        """Return weights of points (B, P) and of faces (B,); None if equal.

        The weight of a face is the largest of its points' weights; with the
        interocular normalizer, it is 1 only if both eyes are labelled.
        """
        if sample_weight is None:
            return None, None
        weight = ops.convert_to_tensor(sample_weight, dtype=self.dtype)
        if len(weight.shape) < 2:
            return None, weight
        faces = ops.max(weight, axis=-1)
        if self.normalizer == "interocular":
            eyes = ops.take(weight, [i for end in self._ends() for i in end], 1)
            faces = ops.where(ops.min(eyes, axis=-1) > 0, faces, 0.0)
        return weight, faces

    def _ends(self) -> list[list[int]]:
        """Return the indices of each eye's points."""
        return [[e] if isinstance(e, int) else list(e) for e in self.eyes]

    def get_config(self) -> dict[str, Any]:
        return {
            "normalizer": self.normalizer,
            "box": self.box,
            "eyes": self.eyes,
            "name": self.name,
            "dtype": self.dtype,
        }


def _mean_of_points(values: Any, weight: Any) -> Any:
    """Return means over points, (B, P) -> (B,), with optional weights."""
    if weight is None:
        return ops.mean(values, axis=-1)
    # Weights of one divide by exactly 1: the result equals the plain mean.
    mean = ops.sum(weight, axis=-1) / weight.shape[-1]
    return ops.divide_no_nan(ops.mean(values * weight, axis=-1), mean)


def _checked_eyes(eyes: Any) -> Eyes:
    """Return the two eyes as a tuple of indices, or of tuples of indices."""
    pair = list(eyes) if hasattr(eyes, "__len__") else []
    ends = [list(end) if hasattr(end, "__len__") else [end] for end in pair]
    points = [point for end in ends for point in end]
    if (
        len(ends) != 2
        or not all(ends)
        or not all(is_count(point, least=0) for point in points)
        or len(set(points)) < len(points)
    ):
        raise InputError(
            "Expected eyes as the indices of two points, or as two lists of "
            f"indices, each point once. Received: {eyes!r}."
        )
    return tuple(
        tuple(map(int, end)) if hasattr(given, "__len__") else int(given)
        for given, end in zip(pair, ends, strict=True)
    )


@keras.saving.register_keras_serializable(package="facemtl")
class MeanError(_LandmarkMetric):
    """Normalized mean error (NME) of predicted points, in %.

    The metric is the mean over faces of the mean over a face's labelled points.

    Args:
        normalizer: `"box"` (side of the face box) or `"interocular"` (distance
            between the true eyes).
        box: side of the box in units of the window: 1 / (1 + 2 margin).
        eyes: indices of the two eyes among the points, or two lists of
            indices of points whose means are the eyes.
        name: Keras name; the default is `mean_error_<normalizer>`.

    Shapes: y_true and y_pred (B, P, 2), in units of the window; sample_weight
    (B,) per face, or (B, P) per point. With `"interocular"`, faces in which a
    point of an eye has weight 0 are ignored.

    Raises:
        ValueError: for an unknown normalizer, a box that is not positive, or
            invalid eyes.

    Example:

    >>> import numpy as np
    >>> metric = MeanError("box")
    >>> truth = np.zeros((1, 2, 2))
    >>> metric.update_state(truth, truth + [0.03, 0.04])
    >>> round(float(metric.result()), 3)
    5.0
    """

    def __init__(self, normalizer: str = "box", **kwargs: Any) -> None:
        kwargs["name"] = kwargs.get("name") or f"mean_error_{normalizer}"
        super().__init__(normalizer, **kwargs)

    def update_state(
        self, y_true: Any, y_pred: Any, sample_weight: Any = None
    ) -> None:
        points, faces = self.weights(sample_weight)
        errors = 100 * _mean_of_points(self.errors(y_true, y_pred), points)
        super().update_state(errors, faces)


@keras.saving.register_keras_serializable(package="facemtl")
class FailureRate(_LandmarkMetric):
    """Share of points whose normalized error exceeds a threshold, in %.

    The metric is the mean over faces of the share of a face's labelled points.

    Args:
        threshold: percent of the normalizer. The poster and Sun et al. use 5 %
            of the box; TCDCN uses 10 % of the interocular distance.
        normalizer, box, eyes: see `MeanError`.
        per_face: whether to count faces, by their mean error over labelled
            points, instead of points.
        name: Keras name; by default `failure_rate_<normalizer>_<threshold>`.

    Shapes: see `MeanError`.

    Raises:
        ValueError: as `MeanError`, or for a threshold that is not positive.

    Example:

    >>> import numpy as np
    >>> metric = FailureRate(5)
    >>> truth = np.zeros((1, 2, 2))
    >>> metric.update_state(truth, truth + [[[0.0, 0.0], [0.06, 0.0]]])
    >>> float(metric.result())
    50.0
    """

    def __init__(
        self,
        threshold: float = 5,
        normalizer: str = "box",
        per_face: bool = False,
        **kwargs: Any,
    ) -> None:
        checked_number("threshold > 0", threshold, lambda x: x > 0)
        face = "face_" if checked_flag("per_face", per_face) else ""
        default = f"failure_rate_{face}{normalizer}_{threshold:g}"
        kwargs["name"] = kwargs.get("name") or default
        super().__init__(normalizer, **kwargs)
        self.threshold = threshold
        self.per_face = per_face

    def update_state(
        self, y_true: Any, y_pred: Any, sample_weight: Any = None
    ) -> None:
        points, faces = self.weights(sample_weight)
        errors = 100 * self.errors(y_true, y_pred)
        if self.per_face:
            errors = _mean_of_points(errors, points)
            failed = ops.cast(errors > self.threshold, "float32")
        else:
            failed = ops.cast(errors > self.threshold, "float32")
            failed = _mean_of_points(failed, points)
        super().update_state(100 * failed, faces)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "threshold": self.threshold,
            "per_face": self.per_face,
        }
