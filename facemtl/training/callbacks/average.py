"""A moving average of the weights, used for validation and saving."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
from keras import ops

from facemtl.arguments import checked_number


class WeightAverage(keras.callbacks.Callback):
    """Maintain θ̄ ← d θ̄ + (1 - d) θ, with d = min(decay, (1 + t) / (10 + t)).

    Validation inside `fit` uses the average; training continues with the raw
    weights. Because d grows, the average of a short run does not depend on the
    random start, unlike that of Keras's `use_ema`.

    The callback must precede those that use the average, such as `KeepBest`.
    A `Learner` that has it among its `in_step` updates the average in its
    training step. Other models update it after each batch.

    Args:
        network: the model to average, including moving statistics of
            normalization.
        decay: in [0, 1); 0 makes the average equal to the weights.

    Raises:
        ValueError: for a decay out of range.

    Example:

    >>> import numpy as np
    >>> dense = keras.layers.Dense(1, use_bias=False)
    >>> network = keras.Sequential([keras.Input((1,)), dense])
    >>> network.set_weights([np.array([[1.0]])])
    >>> average = WeightAverage(network)
    >>> network.set_weights([np.array([[3.0]])])  # a step of training
    >>> average.on_train_batch_end(0)  # with d = 2 / 11
    >>> with average.applied():
    ...     round(float(network.get_weights()[0].item()), 3)
    2.636
    >>> float(network.get_weights()[0].item())
    3.0

    Reference: Polyak, Juditsky, "Acceleration of Stochastic Approximation by
    Averaging", 1992; d as in TensorFlow's `ExponentialMovingAverage`.
    """

    def __init__(self, network: keras.Model, decay: float = 0.998) -> None:
        super().__init__()
        self.decay = checked_number(
            "train.average in [0, 1)", decay, lambda x: 0 <= x < 1
        )
        self.weights = [
            weight
            for weight in network.weights
            # λ_w is scheduled, not learned.
            if weight.dtype != "int32" and weight.name != "lambda_w"
        ]
        self.averages = [_copied(weight) for weight in self.weights]
        self.steps = _copied(0.0)

    @property
    def state(self) -> list[keras.Variable]:
        """The variables that a resumed run must restore."""
        return [self.steps, *self.averages]

    def in_step(self, logs: Any = None) -> None:
        """Update the average, inside or after a training step."""
        self.steps.assign_add(1.0)
        step = self.steps.value
        decay = ops.minimum(self.decay, (1 + step) / (10 + step))
        for average, weight in zip(self.averages, self.weights, strict=True):
            away = ops.stop_gradient(weight.value) - average.value
            # Exactly equal as long as a weight does not change.
            average.assign_add((1 - decay) * away)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if self not in getattr(self.model, "in_step", ()):
            self.in_step()

    def _swap(self) -> None:
        for average, weight in zip(self.averages, self.weights, strict=True):
            raw = ops.copy(weight.value)
            weight.assign(average.value)
            average.assign(raw)

    def on_test_begin(self, logs: Any = None) -> None:
        self._swap()

    def on_test_end(self, logs: Any = None) -> None:
        self._swap()

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Use the averaged weights inside the `with` block."""
        self._swap()
        try:
            yield
        finally:
            self._swap()


def _copied(value: Any) -> keras.Variable:
    """Return a variable that no optimizer trains."""
    array = np.array(ops.convert_to_numpy(value), np.float32)
    return keras.Variable(array, trainable=False, dtype="float32")
