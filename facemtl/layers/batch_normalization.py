"""Batch normalization that uses TensorFlow's fused operation in training."""

from typing import Any

import keras


@keras.saving.register_keras_serializable(package="facemtl")
class BatchNormalization(keras.layers.BatchNormalization):
    """Keras's `BatchNormalization`, with one operation per training step.

    Keras computes the moments, the normalization and their gradients by
    separate operations. For float32 maps (B, H, W, C) on TensorFlow, this
    layer uses `FusedBatchNormV3`, and otherwise Keras's code. Arguments,
    weights and results are Keras's, up to float32 rounding.

    Example:

    >>> import numpy as np
    >>> maps = np.arange(8.0, dtype="float32").reshape((2, 2, 2, 1))
    >>> y = BatchNormalization()(maps, training=True)
    >>> round(float(keras.ops.mean(y)), 4), round(float(keras.ops.std(y)), 3)
    (0.0, 1.0)

    Reference: Ioffe, Szegedy, "Batch Normalization", ICML 2015, algorithm 1.
    """

    def call(
        self, inputs: Any, training: bool | None = None, mask: Any = None
    ) -> Any:
        if not (training and self.trainable and self._fits(inputs, mask)):
            return super().call(inputs, training=training, mask=mask)
        import tensorflow as tf

        y, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
            x=inputs,
            scale=self.gamma,
            offset=self.beta,
            mean=[],
            variance=[],
            epsilon=self.epsilon,
        )
        # The operation divides by n - 1, Keras by n.
        n = tf.cast(tf.size(inputs) / inputs.shape[-1], tf.float32)
        self._move(self.moving_mean, mean)
        self._move(self.moving_variance, variance * (n - 1) / n)
        return y

    def _fits(self, inputs: Any, mask: Any) -> bool:
        """Return whether the fused operation has what this layer needs."""
        return (
            keras.config.backend() == "tensorflow"
            and mask is None
            and len(inputs.shape) == 4
            and self.axis in (-1, 3)
            and inputs.dtype == "float32" == self.compute_dtype
            and self.center
            and self.scale
            and not getattr(self, "renorm", False)
        )

    def _move(self, average: Any, value: Any) -> None:
        average.assign(self.momentum * average + (1.0 - self.momentum) * value)
