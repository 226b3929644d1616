"""Losses of single tasks, scaled so that λ = 1 suits each of them.

Landmark residuals are divided by `scale`, by default 0.01 of the window, a
typical error of a good network. Such an error has a loss of about one half,
similar to the cross-entropy of an uncertain prediction.
"""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from facemtl.arguments import checked_choice, checked_number
from facemtl.errors import InputError

# Divides by the sum of weights, so that rarely labelled tasks do not shrink.
REDUCTION = "mean_with_sample_weight"


def _l2(r: Any) -> Any:
    return 0.5 * ops.square(r)


def _smooth_l1(r: Any, beta: float = 2.0) -> Any:
    return ops.where(r < beta, 0.5 * ops.square(r), beta * (r - 0.5 * beta))


def _wing(r: Any, w: float = 4.0, epsilon: float = 0.8) -> Any:
    # The paper's 10 and 2 pixels of 256, in units of a scale of 0.01.
    shift = w - w * float(np.log1p(w / epsilon))
    return ops.where(r < w, w * ops.log1p(r / epsilon), r - shift)


LANDMARK_FORMS = {"l2": _l2, "smooth_l1": _smooth_l1, "wing": _wing}


@keras.saving.register_keras_serializable(package="facemtl")
class LandmarkLoss(keras.losses.Loss):
    """Loss of points: the mean over coordinates of f(r), r = |error| / scale.

    - `"l2"`: r² / 2 (TCDCN's)
    - `"smooth_l1"`: r² / 2 below β, then β (r - β / 2); β = 2
    - `"wing"`: w ln(1 + r / ε) below w, then r - C; w = 4, ε = 0.8

    Args:
        form: `"l2"`, `"smooth_l1"` or `"wing"`.
        scale: unit of the residual as a share of the window, over 0.

    The loss of a face is the mean over its points, and the loss of a batch is
    the mean over its faces. With weights per point, each point counts by its
    weight: a face with half of its points counts half. Weights of one give the
    same result as no weights.

    Shapes: y_true and y_pred (B, P, 2), in units of the window; sample_weight
    (B,) per face, or (B, P) per point. A point of weight 0 has a gradient of
    exactly zero, but its coordinates must not be NaN.

    Raises:
        ValueError: for an unknown form or a scale that is not positive.

    Example:

    >>> import numpy as np
    >>> loss = LandmarkLoss("l2", scale=0.01)
    >>> float(loss(np.zeros((1, 1, 2)), np.full((1, 1, 2), 0.02)))
    2.0
    >>> truth, guess = np.zeros((1, 2, 2)), np.array([[[0.02] * 2, [9.0] * 2]])
    >>> float(loss(truth, guess, np.array([[1.0, 0.0]])))
    2.0

    References: Girshick, "Fast R-CNN", ICCV 2015, equation 3; Feng et al.,
    "Wing Loss for Robust Facial Landmark Localisation", CVPR 2018, equation 5.
    """

    def __init__(
        self,
        form: str = "smooth_l1",
        scale: float = 0.01,
        name: str = "landmark_loss",
        reduction: str = REDUCTION,
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        forms = list(LANDMARK_FORMS)
        self.form = checked_choice("loss.landmarks", form, forms)
        self.scale = checked_number("loss.scale > 0", scale, lambda x: x > 0)

    def __call__(
        self, y_true: Any, y_pred: Any, sample_weight: Any = None
    ) -> Any:
        if sample_weight is None:
            return super().__call__(y_true, y_pred)
        weight = ops.convert_to_tensor(sample_weight, dtype=self.dtype)
        if len(weight.shape) < 2:
            return super().__call__(y_true, y_pred, weight)
        # A face is weighted by the mean weight of its points.
        return super().__call__((y_true, weight), y_pred, _mean_weight(weight))

    def call(self, y_true: Any, y_pred: Any) -> Any:
        y_true, weight = y_true if isinstance(y_true, tuple) else (y_true, None)
        residual = ops.abs(y_pred - y_true) / self.scale
        losses = LANDMARK_FORMS[self.form](residual)
        if weight is None:
            return ops.mean(losses, axis=(-2, -1))
        sums = ops.mean(losses * weight[..., None], axis=(-2, -1))
        return ops.divide_no_nan(sums, _mean_weight(weight))

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "form": self.form,
            "scale": self.scale,
        }


def _mean_weight(weight: Any) -> Any:
    """Convert weights of points (B, P) to faces (B,), exactly 1 for ones."""
    return ops.sum(weight, axis=-1) / weight.shape[-1]


@keras.saving.register_keras_serializable(package="facemtl")
class AttributeLoss(keras.losses.Loss):
    """Cross-entropy with label smoothing and class weights.

    -Σ_k w_y q_k ln p_k, with q = (1 - s) onehot(y) + s / K.

    Args:
        class_weights: K factors w, one per class; None for ones.
        label_smoothing: s in [0, 1).

    Shapes: y_true (B,) integers, y_pred (B, K) probabilities.

    Raises:
        ValueError: for class weights that are negative, not numbers or not as
            many as the classes, or a label_smoothing outside [0, 1).

    Example:

    >>> import numpy as np
    >>> loss = AttributeLoss()
    >>> round(float(loss(np.array([0]), np.array([[0.5, 0.5]]))), 4)
    0.6931

    Reference: Szegedy et al., "Rethinking the Inception Architecture",
    CVPR 2016, section 7.
    """

    def __init__(
        self,
        class_weights: Sequence[float] | None = None,
        label_smoothing: float = 0.0,
        name: str = "attribute_loss",
        reduction: str = REDUCTION,
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.class_weights = (
            None if class_weights is None else _checked_weights(class_weights)
        )
        self.label_smoothing = checked_number(
            "loss.label_smoothing in [0, 1)",
            label_smoothing,
            lambda x: 0 <= x < 1,
        )

    def call(self, y_true: Any, y_pred: Any) -> Any:
        classes = y_pred.shape[-1]
        label = ops.one_hot(ops.cast(y_true, "int32"), classes)
        s = self.label_smoothing
        target = (1 - s) * label + s / classes
        log_p = ops.log(ops.maximum(y_pred, keras.config.epsilon()))
        entropy = -ops.sum(target * log_p, axis=-1)
        if self.class_weights is None:
            return entropy
        if len(self.class_weights) != classes:
            raise InputError(
                f"Expected {classes} class_weights, one a class. "
                f"Received: {self.class_weights}."
            )
        weights = ops.convert_to_tensor(self.class_weights, entropy.dtype)
        return entropy * ops.sum(label * weights, axis=-1)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "class_weights": self.class_weights,
            "label_smoothing": self.label_smoothing,
        }


@keras.saving.register_keras_serializable(package="facemtl")
class ValueLoss(keras.losses.Loss):
    """Smooth L1 loss of a value task, with errors in units of `scale`.

    With r = |error| / scale and β = 2, the loss is r² / 2 below β, then
    β (r - β / 2), as for landmarks. This limits the effect of a wrong label.

    Args:
        scale: unit of the error, over 0: the spread of the labels, see
            `facemtl.models.value_scale`.

    Shapes: y_true (B,), y_pred (B, 1).

    Raises:
        ValueError: for a scale that is not positive.

    Example:

    >>> import numpy as np
    >>> float(ValueLoss(scale=10.0)(np.array([30.0]), np.array([[50.0]])))
    2.0
    >>> float(ValueLoss(scale=10.0)(np.array([30.0]), np.array([[130.0]])))
    18.0

    Reference: Girshick, "Fast R-CNN", ICCV 2015, equation 3.
    """

    def __init__(
        self,
        scale: float = 1.0,
        name: str = "value_loss",
        reduction: str = REDUCTION,
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.scale = checked_number("scale > 0", scale, lambda x: x > 0)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return _smooth_l1(ops.abs(y_pred[:, 0] - y_true) / self.scale)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "scale": self.scale}


def _checked_weights(given: Any) -> list[float]:
    """Return class weights as a list of floats."""
    expected = "class_weights as numbers >= 0, one a class"
    if (
        isinstance(given, str)
        or not hasattr(given, "__len__")
        or not len(given)
    ):
        raise InputError(f"Expected {expected}. Received: {given!r}.")
    return [checked_number(expected, w, lambda x: x >= 0) for w in given]
