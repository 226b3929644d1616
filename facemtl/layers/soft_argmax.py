"""Soft-argmax: the differentiable position of a heat map's maximum."""

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="facemtl")
class SoftArgmax(keras.layers.Layer):
    """Return the mean position of a heat map, weighted by its softmax.

    p = Σ_c softmax(h)_c x_c, where x_c is the centre of cell c.

    Input shape: (B, H, W, P): P heat maps of real numbers.

    Output shape: (B, P, 2): x and y as fractions of the maps' width and height.

    Example:

    >>> import numpy as np
    >>> maps = np.zeros((1, 4, 4, 1), "float32")
    >>> maps[0, 1, 3] = 100.0
    >>> SoftArgmax()(maps).numpy().tolist()
    [[[0.875, 0.375]]]

    Reference:
        Sun et al., "Integral Human Pose Regression", ECCV 2018, equation 2.
    """

    def call(self, inputs: Any) -> Any:
        _, height, width, _ = inputs.shape
        share = shares_of(inputs)
        x, y = ops.meshgrid(centres(width), centres(height))
        places = ops.reshape(ops.stack([x, y], axis=-1), (-1, 2))
        return ops.matmul(share, ops.cast(places, share.dtype))

    def compute_output_shape(
        self, input_shape: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        return (input_shape[0], input_shape[3], 2)


def shares_of(maps: Any) -> Any:
    """Return the softmax of each map over its cells: (B, P, H * W)."""
    _, height, width, points = maps.shape
    cells = ops.reshape(maps, (-1, height * width, points))
    return ops.softmax(ops.transpose(cells, (0, 2, 1)), axis=-1)


def centres(n: int) -> Any:
    """Return the centres of n cells from 0 to 1: (n,)."""
    return (ops.arange(n, dtype="float32") + 0.5) / n
