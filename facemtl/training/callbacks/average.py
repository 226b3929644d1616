"""A moving average of the weights, which is what is validated and kept."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
import tensorflow as tf

from facemtl.arguments import checked_number


class WeightAverage(keras.callbacks.Callback):
    """Keeps θ̄ ← d θ̄ + (1 - d) θ, with d = min(decay, (1 + t) / (10 + t)).

    Validation inside `fit` sees the average; training goes on with the raw
    weights. The growing d lets a short run forget its random start, which
    Keras's own `use_ema` does not.

    It goes before callbacks that use the average, such as `KeepBest`.

    Args:
        network: the model whose weights are averaged, moving statistics of
            normalization included.
        decay: in [0, 1); 0 makes the average equal to the weights.

    Raises:
        ValueError: for another decay.

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
    Averaging", 1992; d as TensorFlow's `ExponentialMovingAverage` has it.
    """

    def __init__(self, network: keras.Model, decay: float = 0.998) -> None:
        super().__init__()
        self.decay = checked_number(
            "train.average in [0, 1)", decay, lambda x: 0 <= x < 1
        )
        self.weights = [
            weight.value
            for weight in network.weights
            # λ_w is scheduled, not learned: it stays as it is.
            if weight.dtype != "int32" and weight.name != "lambda_w"
        ]
        self.averages = [tf.Variable(weight) for weight in self.weights]
        self.steps = tf.Variable(0.0)
        self._update = tf.function(self._update_all)

    @property
    def state(self) -> list[tf.Variable]:
        """What a resumed run needs back."""
        return [self.steps, *self.averages]

    def _update_all(self) -> None:
        step = self.steps.assign_add(1.0)
        decay = tf.minimum(self.decay, (1 + step) / (10 + step))
        for average, weight in zip(self.averages, self.weights, strict=True):
            average.assign(decay * average + (1 - decay) * weight)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self._update()

    def _swap(self) -> None:
        for average, weight in zip(self.averages, self.weights, strict=True):
            raw = tf.identity(weight)
            weight.assign(average)
            average.assign(raw)

    def on_test_begin(self, logs: Any = None) -> None:
        self._swap()

    def on_test_end(self, logs: Any = None) -> None:
        self._swap()

    @contextmanager
    def applied(self) -> Iterator[None]:
        """The network holds its averages inside the `with` block."""
        self._swap()
        try:
            yield
        finally:
            self._swap()
