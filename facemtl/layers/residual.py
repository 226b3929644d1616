"""One stage of the residual tower as a single layer."""

from typing import Any

import keras
from keras import layers

from facemtl.arguments import checked_count, checked_flag
from facemtl.layers.batch_normalization import BatchNormalization


@keras.saving.register_keras_serializable(package="facemtl")
class ResidualBlock(layers.Layer):
    """Halve the map with a strided convolution and refine it residually.

    y = relu(norm(conv₂(x))), out = relu(y + norm(conv(relu(norm(conv(y)))))).
    All convolutions are 3x3.

    Args:
        filters: number of output channels.
        separable: whether to use depthwise separable convolutions, which
            need fewer multiply-adds.

    Input shape: (B, H, W, C). Output shape: (B, ⌈H/2⌉, ⌈W/2⌉, filters).

    Raises:
        ValueError: for arguments of the wrong type or out of range.

    Example:

    >>> import numpy as np
    >>> tuple(ResidualBlock(24)(np.ones((1, 40, 40, 1))).shape)
    (1, 20, 20, 24)

    Reference:
        He et al., "Deep Residual Learning for Image Recognition", CVPR 2016.
    """

    def __init__(
        self, filters: int, separable: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.filters = checked_count("filters", filters)
        self.separable = checked_flag("separable", separable)
        kind = layers.SeparableConv2D if separable else layers.Conv2D
        self.convolutions = [
            kind(
                filters,
                3,
                strides=2 if i == 0 else 1,
                padding="same",
                data_format="channels_last",
                use_bias=False,
                name=f"conv{i + 1}",
                dtype=self.dtype_policy,
            )
            for i in range(3)
        ]
        self.norms = [
            BatchNormalization(name=f"norm{i + 1}", dtype=self.dtype_policy)
            for i in range(3)
        ]

    def build(self, input_shape: tuple[Any, ...]) -> None:
        shape = input_shape
        for conv, norm in zip(self.convolutions, self.norms, strict=True):
            conv.build(shape)
            shape = conv.compute_output_shape(shape)
            norm.build(shape)

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        def step(i: int, x: Any) -> Any:
            return self.norms[i](self.convolutions[i](x), training=training)

        y = keras.ops.relu(step(0, inputs))
        return keras.ops.relu(y + step(2, keras.ops.relu(step(1, y))))

    def compute_output_shape(
        self, input_shape: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        return self.convolutions[0].compute_output_shape(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "filters": self.filters,
            "separable": self.separable,
        }
