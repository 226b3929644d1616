"""The cross-stitch unit: a learned matrix that mixes streams."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from facemtl.arguments import checked_flag
from facemtl.errors import InputError
from facemtl.layers.streams import stream_shapes


@keras.saving.register_keras_serializable(package="facemtl")
class CrossStitch(keras.layers.Layer):
    """Mix T streams: each output is a learned linear sum of all streams.

    x̃ᵢ = Σⱼ αᵢⱼ xⱼ, with one matrix α per channel or one for the whole layer.

    Args:
        alpha: initial matrix, a (T, T) nested sequence; or one pair
            (own, other). `own` is the diagonal, and the T - 1 other streams
            share `other` evenly, so that the rows of (0.9, 0.1) sum to one.
        per_channel: whether to learn one matrix per channel.

    Call arguments:
        streams: list or tuple of T tensors of one shape (B, ..., C).

    Returns:
        List of T tensors of the same shape.

    Raises:
        ValueError: if `alpha` is neither a pair nor a square matrix of
            numbers, if `per_channel` is not a boolean, if the input is not a
            list or tuple of at least two tensors of one shape, or if `alpha`
            does not fit the number of streams.

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
        self.alpha_start = _checked_alpha(alpha)
        self.per_channel = checked_flag("per_channel", per_channel)

    def build(self, input_shape: Sequence[Sequence[int]]) -> None:
        shapes = stream_shapes(input_shape)
        if len(shapes) < 2 or len(set(shapes)) > 1:
            raise InputError(
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

    def call(self, streams: Sequence[Any]) -> list[Any]:
        # Sums of products: einsum is not a built-in operation of TFLite.
        return [
            sum(self.alpha[i, j] * x for j, x in enumerate(streams))
            for i in range(len(streams))
        ]

    def compute_output_shape(self, input_shape: Sequence[Any]) -> list[Any]:
        return list(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "alpha": self.alpha_start,
            "per_channel": self.per_channel,
        }


def _checked_alpha(alpha: Any) -> list[Any]:
    """Return (own, other) or a square matrix of finite numbers as a list."""
    try:
        start = np.asarray(alpha)
    except ValueError:  # rows of different lengths
        start = np.asarray("")
    rows = len(start) if start.ndim else 0
    fits = start.shape == (2,) or (rows > 1 and start.shape == (rows, rows))
    if (
        not fits
        or start.dtype.kind not in "iuf"
        or not np.isfinite(start).all()
    ):
        hint = "" if rows else ". Write CrossStitch((0.9, 0.1))."
        raise InputError(_expected_alpha(max(rows, 2), alpha) + hint)
    return start.tolist()


def _start(alpha: list[Any], streams: int) -> np.ndarray:
    """Return the initial (T, T) matrix."""
    start = np.asarray(alpha, np.float32)
    if start.shape == (2,):
        own, other = start
        start = np.full((streams, streams), other / (streams - 1), np.float32)
        np.fill_diagonal(start, own)
    if start.shape != (streams, streams):
        raise InputError(_expected_alpha(streams, alpha))
    return start


def _expected_alpha(streams: int, alpha: Any) -> str:
    return (
        f"Expected alpha as (own, other) or a {streams} x {streams} "
        f"matrix. Received: alpha={alpha}"
    )
