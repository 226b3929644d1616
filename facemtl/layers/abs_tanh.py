"""The activation of TCDCN."""

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="facemtl")
class AbsTanh(keras.layers.Layer):
    """Compute |tanh(x)| element by element.

    Example:

    >>> import numpy as np
    >>> round(float(AbsTanh()(np.array([-1.0]))[0]), 4)
    0.7616

    Reference: Sun, Wang, Tang, "Deep Convolutional Network Cascade for Facial
    Point Detection", CVPR 2013, section 3; TCDCN uses the same activation.
    """

    def call(self, inputs: Any) -> Any:
        return ops.abs(ops.tanh(inputs))

    def compute_output_shape(
        self, input_shape: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        return input_shape
