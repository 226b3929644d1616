"""AdamW with one TensorFlow operation per weight."""

from typing import Any

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable(package="facemtl")
class FusedAdamW(keras.optimizers.AdamW):
    """Compute Keras's `AdamW` with TensorFlow's fused Adam operation.

    Keras's update is about thirty operations per weight, half of them on the
    same scalars. Here the scalars are computed once per step, and each weight
    takes one operation. Arguments, variables and results are Keras's, up to
    float32 rounding. Half-precision weights, sparse gradients and `amsgrad`
    use Keras's update.

    Example:

    >>> dense = keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")
    >>> dense.build((None, 1))
    >>> optimizer = FusedAdamW(learning_rate=0.1, weight_decay=0.0)
    >>> optimizer.apply([keras.ops.ones((1, 1))], dense.trainable_weights)
    >>> round(float(dense.kernel[0, 0]), 3)
    0.9

    Reference: Loshchilov, Hutter, "Decoupled Weight Decay Regularization",
    ICLR 2019, algorithm 2.
    """

    def apply(self, grads: Any, trainable_variables: Any = None) -> Any:
        step = tf.cast(self.iterations.value, tf.float32) + 1
        self._power_1, self._power_2 = self.beta_1**step, self.beta_2**step
        self._rate = tf.cast(self.learning_rate, tf.float32)
        return super().apply(grads, trainable_variables)

    def update_step(
        self, gradient: Any, variable: Any, learning_rate: Any
    ) -> None:
        index = self._get_variable_index(variable)
        fits = variable.dtype == tf.float32 and tf.is_tensor(gradient)
        if self.amsgrad or not fits:
            super().update_step(gradient, variable, learning_rate)
            return
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[index].value.handle,
            v=self._velocities[index].value.handle,
            beta1_power=self._power_1,
            beta2_power=self._power_2,
            lr=self._rate,
            beta1=self.beta_1,
            beta2=self.beta_2,
            epsilon=self.epsilon,
            grad=gradient,
        )

    def _apply_weight_decay(self, variables: Any) -> None:
        if self.weight_decay is None:
            return
        share = 1 - self._rate * self.weight_decay
        for variable in variables:
            if self._use_weight_decay(variable):
                variable.assign(variable * tf.cast(share, variable.dtype))
