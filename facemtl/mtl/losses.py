"""Losses of single tasks, from their names or functions."""

from collections.abc import Callable
from typing import Any

import keras
from keras import ops


class NamedLoss(keras.losses.Loss):
    """The mean of a loss function over the samples of a batch with a label.

    Its reduction is `"mean_with_sample_weight"`: it divides by the sum of the
    sample weights, so that a rarely labelled task does not shrink.

    Args:
        function: takes y_true and y_pred (B, ...); returns losses (B, ...).

    Example:

    >>> import numpy as np
    >>> loss = NamedLoss(keras.losses.mean_squared_error)
    >>> truth, guess = np.zeros((2,)), np.array([[1.0], [3.0]])
    >>> float(loss(truth, guess)), float(loss(truth, guess, np.array([0, 1])))
    (5.0, 9.0)
    """

    def __init__(self, function: Callable[[Any, Any], Any]) -> None:
        name = getattr(function, "__name__", "loss")
        super().__init__(name=name, reduction="mean_with_sample_weight")
        self.function = function

    def call(self, y_true: Any, y_pred: Any) -> Any:
        # Labels (B,) of predictions (B, 1), as Keras's losses take them.
        if len(y_true.shape) + 1 == len(y_pred.shape) and y_pred.shape[-1] == 1:
            y_true = ops.expand_dims(y_true, -1)
        return self.function(y_true, y_pred)


def task_loss(loss: Any) -> keras.losses.Loss:
    """Return a Keras loss from a loss, a name or a function.

    Raises:
        ValueError: for an unknown name (Keras's message).

    Example:

    >>> task_loss("mse").name
    'mean_squared_error'
    """
    if isinstance(loss, keras.losses.Loss):
        return loss
    given = keras.losses.get(loss)
    whole = isinstance(given, keras.losses.Loss)
    return given if whole else NamedLoss(given)


def sample_count(loss: keras.losses.Loss, guess: Any, weight: Any) -> Any:
    """Return how many samples the mean of a loss is over: a scalar.

    Args:
        loss: the loss.
        guess: predictions (B, ...).
        weight: sample weights (B,) or (B, ...), or None.
    """
    if weight is None or loss.reduction != "mean_with_sample_weight":
        return ops.cast(ops.shape(guess)[0], "float32")
    weight = ops.cast(weight, "float32")
    # Weights of parts of a sample count by their mean.
    axes = tuple(range(1, len(weight.shape)))
    return ops.sum(ops.mean(weight, axis=axes) if axes else weight)
