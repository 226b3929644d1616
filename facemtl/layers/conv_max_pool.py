"""A convolution followed by max-pooling, computed in one step."""

from typing import Any

import keras
from keras import ops

from facemtl.arguments import checked_count, checked_flag
from facemtl.errors import InputError


@keras.saving.register_keras_serializable(package="facemtl")
class ConvMaxPool(keras.layers.Layer):
    """Apply `Conv2D` (valid, stride 1) and 2x2 `MaxPooling2D` in one step.

    The result and the kernel are those of the two Keras layers. The four
    convolutions under a pooled pixel become one convolution over 2x2 blocks
    of the input, and a maximum over channels. The layer is not faster than
    Keras's two layers (`benchmarks/conv_max_pool.md`). Networks keep it
    because saved weights and committed multiply-adds depend on it.

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
        _, height, width, _ = self.compute_output_shape(inputs.shape)
        blocks = _blocks(inputs, self.kernel_size, height, width)
        y = ops.conv(
            blocks,
            _block_kernel(self.kernel),
            padding="valid",
            data_format="channels_last",
        )
        y = ops.max(ops.reshape(y, (-1, height, width, 4, self.filters)), 3)
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


def _blocks(x: Any, k: int, height: int, width: int) -> Any:
    """Cut (B, H, W, C) into 2x2 blocks (B, h, w, 4 C) that pooling reads."""
    h, w, c = height + k // 2, width + k // 2, x.shape[-1]
    x = ops.reshape(x[:, : 2 * h, : 2 * w], (-1, h, 2, w, 2, c))
    return ops.reshape(ops.transpose(x, (0, 1, 3, 2, 4, 5)), (-1, h, w, 4 * c))


def _block_kernel(kernel: Any) -> Any:
    """Return the kernel that computes the four pooled pixels from blocks.

    The kernel is shifted by zero or one pixel down and across, and cut into
    2x2 blocks: (k, k, C, F) -> ((k + 1) / 2, (k + 1) / 2, 4 C, 4 F).
    """
    k, _, c, f = kernel.shape
    shifted = [
        ops.pad(kernel, ((i, 1 - i), (j, 1 - j), (0, 0), (0, 0)))
        for i in (0, 1)
        for j in (0, 1)
    ]
    n = (k + 1) // 2
    stacked = ops.reshape(ops.stack(shifted, 3), (n, 2, n, 2, c, 4, f))
    blocks = ops.transpose(stacked, (0, 2, 1, 3, 4, 5, 6))
    return ops.reshape(blocks, (n, n, 4 * c, 4 * f))
