"""A convolution followed by max-pooling, as one layer."""

from typing import Any

import keras
from keras import ops

from facemtl.arguments import checked_count, checked_flag
from facemtl.errors import InputError


@keras.saving.register_keras_serializable(package="facemtl")
class ConvMaxPool(keras.layers.Layer):
    """Apply `Conv2D` (valid, stride 1) and 2x2 `MaxPooling2D`.

    The bias is added after pooling, to a quarter of the pixels. The result and
    the kernel are those of the two Keras layers. Saved networks have this
    layer; new code may as well use Keras's two.

    Args:
        filters: number of output channels.
        kernel_size: odd integer, at least 3.
        use_bias: whether to add one bias per channel.

    Input shape: (B, H, W, C). Output shape: (B, (H - k + 1) // 2, …, filters).

    Raises:
        ValueError: for arguments of the wrong type or out of range.

    Example:

    >>> import numpy as np
    >>> tuple(ConvMaxPool(16, 5)(np.ones((1, 40, 40, 1))).shape)
    (1, 18, 18, 16)
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int = 5,
        use_bias: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.filters = checked_count("filters", filters)
        self.kernel_size = checked_count("kernel_size", kernel_size, least=3)
        if kernel_size % 2 == 0:
            raise InputError(
                f"Expected kernel_size as an odd integer. Received: "
                f"{kernel_size}. For an even one, take Conv2D and MaxPooling2D."
            )
        self.use_bias = checked_flag("use_bias", use_bias)

    def build(self, input_shape: tuple[Any, ...]) -> None:
        k = self.kernel_size
        self.kernel = self.add_weight(
            name="kernel",
            shape=(k, k, input_shape[-1], self.filters),
            initializer="glorot_uniform",
        )
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias", shape=(self.filters,), initializer="zeros"
            )

    def call(self, inputs: Any) -> Any:
        y = ops.conv(
            inputs, self.kernel, padding="valid", data_format="channels_last"
        )
        # Under JAX, Keras needs the strides.
        y = ops.max_pool(y, 2, strides=2, data_format="channels_last")
        return y + self.bias if self.use_bias else y

    def compute_output_shape(
        self, input_shape: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        batch, *sides, _ = input_shape
        height, width = ((n - self.kernel_size + 1) // 2 for n in sides)
        return batch, height, width, self.filters

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "use_bias": self.use_bias,
        }
