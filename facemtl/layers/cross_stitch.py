"""The cross-stitch unit: streams mixed by a learned matrix."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops


@keras.saving.register_keras_serializable(package="facemtl")
class CrossStitch(keras.layers.Layer):
    """Mix T streams: each becomes a learned linear sum of all of them.

    x̃ᵢ = Σⱼ αᵢⱼ xⱼ, with one α for the whole layer or one a channel.

    Args:
        alpha: (T, T) nested sequence, the start of the matrix, or a pair
            (own, other): `own` on the diagonal and `other` shared evenly by
            the T - 1 other streams, so that rows of (0.9, 0.1) sum to one.
        per_channel: learn a matrix a channel instead of one a layer.

    Call arguments:
        streams: list of T tensors of one shape (B, ..., C).

    Returns:
        List of T tensors of the same shape.

    Raises:
        ValueError: if the input is not a list of at least two tensors of one
            shape, or `alpha` does not fit their number.

    Example:

    >>> import numpy as np
    >>> unit = CrossStitch(alpha=(0.9, 0.1))
    >>> mixed = unit([np.ones((1, 2)), np.zeros((1, 2))])
    >>> [round(float(x[0, 0]), 2) for x in mixed]
    [0.9, 0.1]

    Reference:
        Misra et al., "Cross-stitch Networks for Multi-task Learning",
        CVPR 2016, equation 1.
    """

    def __init__(
        self,
        alpha: Sequence[Any] = (0.9, 0.1),
        per_channel: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.alpha_start = np.asarray(alpha, np.float32).tolist()
        self.per_channel = per_channel

    def build(self, input_shape: Sequence[Sequence[int]]) -> None:
        shapes = [tuple(shape) for shape in _list_of_shapes(input_shape)]
        if len(shapes) < 2 or len(set(shapes)) > 1:
            raise ValueError(
                "Expected a list of two or more streams of one shape. "
                f"Received: input_shape={input_shape}"
            )
        start = _start(self.alpha_start, len(shapes))
        channels = shapes[0][-1] if self.per_channel else 1
        self.alpha = self.add_weight(
            name="alpha",
            shape=(*start.shape, channels),
            initializer=lambda shape, dtype=None: ops.convert_to_tensor(
                np.broadcast_to(start[..., None], shape), dtype
            ),
        )

    def call(self, streams: list) -> list:
        # Sums of products, as einsum is no built-in operation of TFLite.
        return [
            sum(self.alpha[i, j] * x for j, x in enumerate(streams))
            for i in range(len(streams))
        ]

    def compute_output_shape(self, input_shape: list) -> list:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "alpha": self.alpha_start,
            "per_channel": self.per_channel,
        }


def _list_of_shapes(input_shape: Any) -> list:
    """The shapes of a list input; empty for a single tensor's shape."""
    return [s for s in input_shape if isinstance(s, (list, tuple))]


def _start(alpha: Any, streams: int) -> np.ndarray:
    """The (T, T) matrix at the start."""
    start = np.asarray(alpha, np.float32)
    if start.shape == (2,):
        own, other = start
        start = np.full((streams, streams), other / (streams - 1), np.float32)
        np.fill_diagonal(start, own)
    if start.shape != (streams, streams):
        raise ValueError(
            f"Expected alpha as (own, other) or a {streams} x {streams} "
            f"matrix. Received: alpha={alpha}"
        )
    return start
