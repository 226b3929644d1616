"""NDDR-CNN: streams fused by 1x1 convolutions."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from facemtl.arguments import checked_flag, checked_number
from facemtl.errors import InputError
from facemtl.layers import BatchNormalization
from facemtl.layers.streams import stream_shapes


@keras.saving.register_keras_serializable(package="facemtl")
class NDDR(keras.layers.Layer):
    """Fuse T streams: each output is a 1x1 convolution of all channels.

    x̃ᵢ = BN(Wᵢ [x₁; …; x_T] + bᵢ). Wᵢ starts with `own` on the diagonal of
    stream i, and shares `other` among the diagonals of the other streams.

    Args:
        own: initial weight of a stream's own channels.
        other: initial weight of the same channels of all other streams.
        normalization: whether to normalize batches after the convolution.
        weight_decay: factor of the L2 penalty of W, at least 0.

    Call arguments:
        streams: list or tuple of T tensors of one shape (B, ..., C).

    Returns:
        List of T tensors of the same shape.

    Raises:
        ValueError: for arguments of the wrong type or out of range, or inputs
            that are not two or more tensors of one shape.

    Example:

    >>> import numpy as np
    >>> unit = NDDR(normalization=False)
    >>> mixed = unit([np.ones((1, 2)), np.zeros((1, 2))])
    >>> [round(float(x[0, 0]), 2) for x in mixed]
    [0.9, 0.1]

    Reference: Gao et al., "NDDR-CNN: Layerwise Feature Fusing in Multi-Task
    CNNs by Neural Discriminative Dimensionality Reduction", CVPR 2019,
    arXiv:1801.08297, section 3.
    """

    def __init__(
        self,
        own: float = 0.9,
        other: float = 0.1,
        normalization: bool = True,
        weight_decay: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.own = checked_number("own as a number", own, lambda x: True)
        self.other = checked_number("other as a number", other, lambda x: True)
        self.normalization = checked_flag("normalization", normalization)
        self.weight_decay = checked_number(
            "weight_decay >= 0", weight_decay, lambda x: x >= 0
        )

    def build(self, input_shape: Sequence[Sequence[int]]) -> None:
        shapes = stream_shapes(input_shape)
        if len(shapes) < 2 or len(set(shapes)) > 1:
            raise InputError(
                "Expected a list of two or more streams of one shape. "
                f"Received: input_shape={input_shape}"
            )
        count, channels = len(shapes), shapes[0][-1]
        start = self._start(count, channels)
        self.kernel = self.add_weight(
            name="kernel",
            shape=start.shape,
            initializer=lambda shape, dtype=None: ops.convert_to_tensor(
                start, dtype
            ),
            regularizer=keras.regularizers.L2(self.weight_decay)
            if self.weight_decay
            else None,
        )
        self.bias = self.add_weight(
            name="bias", shape=(count, channels), initializer="zeros"
        )
        self.norms = [
            BatchNormalization(name=f"norm{i + 1}", dtype=self.dtype_policy)
            for i in range(count if self.normalization else 0)
        ]
        for norm, shape in zip(self.norms, shapes, strict=False):
            norm.build(shape)

    def _start(self, count: int, channels: int) -> np.ndarray:
        """Return the initial kernels (T, T C, C)."""
        share = np.full((count, count), self.other / (count - 1), "float32")
        np.fill_diagonal(share, self.own)
        return np.stack(
            [np.kron(row[:, None], np.eye(channels)) for row in share]
        ).astype("float32")

    def call(self, streams: Sequence[Any], training: Any = None) -> list[Any]:
        every = ops.concatenate(list(streams), axis=-1)
        mixed = [
            ops.matmul(every, self.kernel[i]) + self.bias[i]
            for i in range(len(streams))
        ]
        if not self.normalization:
            return mixed
        return [
            norm(x, training=training)
            for norm, x in zip(self.norms, mixed, strict=True)
        ]

    def compute_output_shape(self, input_shape: Sequence[Any]) -> list[Any]:
        return list(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "own": self.own,
            "other": self.other,
            "normalization": self.normalization,
            "weight_decay": self.weight_decay,
        }
