"""Batch normalization that uses TensorFlow's fused operation in training."""

from typing import Any

import keras


@keras.saving.register_keras_serializable(package="facemtl")
class BatchNormalization(keras.layers.BatchNormalization):
    """Keras's `BatchNormalization`, with one operation per training step.

    Keras computes the moments, the normalization and their gradients by
    separate operations. For float32 maps (B, H, W, C) on TensorFlow, this
    layer uses `FusedBatchNormV3`, and otherwise Keras's code. Arguments,
    weights and results are Keras's, up to float32 rounding. Under
    `train.devices` and on several machines, the moments are those of the whole
    batch.

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
        if training and self.trainable and self._is_shared():
            return self._over_devices(inputs)
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

    def _is_shared(self) -> bool:
        """Return whether several devices train the same variables.

        With mirrored variables, as of a strategy of Keras, each device has
        its own.
        """
        if keras.config.backend() != "tensorflow":
            return False
        import tensorflow as tf

        several = tf.distribute.get_strategy().num_replicas_in_sync > 1
        mirrored = tf.distribute.DistributedValues
        return several and not isinstance(self.moving_mean.value, mirrored)

    def _over_devices(self, inputs: Any) -> Any:
        """Normalize by the moments of all devices' inputs."""
        import tensorflow as tf

        context = tf.distribute.get_replica_context()
        axis = self.axis % len(inputs.shape)
        others = [i for i in range(len(inputs.shape)) if i != axis]
        shape = [1 if i in others else -1 for i in range(len(inputs.shape))]

        def summed(*values: Any) -> Any:
            return context.all_reduce(tf.distribute.ReduceOp.SUM, values)

        # Squares overflow in half precision.
        x = tf.cast(inputs, self.variable_dtype)
        n = tf.cast(tf.size(x) / x.shape[axis], x.dtype)
        total, n = summed(tf.reduce_sum(x, others), n)
        mean = total / n
        x -= tf.reshape(mean, shape)
        (squares,) = summed(tf.reduce_sum(tf.square(x), others))
        variance = squares / n
        number = tf.get_static_value(context.replica_id_in_sync_group)
        # The first device of each machine updates its averages.
        if number % len(context.strategy.extended.worker_devices) == 0:
            self._move(self.moving_mean, mean)
            self._move(self.moving_variance, variance)
        x *= tf.reshape(tf.math.rsqrt(variance + self.epsilon), shape)
        if self.scale:
            x *= tf.reshape(tf.cast(self.gamma, x.dtype), shape)
        if self.center:
            x += tf.reshape(tf.cast(self.beta, x.dtype), shape)
        return tf.cast(x, self.compute_dtype)

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
