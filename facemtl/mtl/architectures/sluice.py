"""Sluice networks: subspaces of streams, mixed across tasks and depths."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import keras
from keras import ops

from facemtl.arguments import checked_count, checked_number
from facemtl.errors import InputError
from facemtl.layers import CrossStitch
from facemtl.layers.streams import stream_shapes


@keras.saving.register_keras_serializable(package="facemtl")
class Sluice(CrossStitch):
    """Mix S subspaces (blocks of channels) of T streams by one matrix.

    x̃ᵢ = Σⱼ αᵢⱼ xⱼ over the T S subspaces i, j, with one number α per pair.

    Args:
        alpha: (own, other) as of `CrossStitch`, or a (T S, T S) matrix.
        subspaces: S, at least 1; the channels must divide by it.

    Call arguments, Returns, Raises: see `CrossStitch`.

    Example:

    >>> import numpy as np
    >>> unit = Sluice(alpha=(0.7, 0.3))
    >>> mixed = unit([np.ones((1, 2)), np.zeros((1, 2))])
    >>> [round(float(x), 2) for x in mixed[0][0]], unit.alpha.shape[0]
    ([0.8, 0.8], 4)

    Reference: Ruder et al., "Latent Multi-task Architecture Learning", AAAI
    2019, arXiv:1705.08142, equation 1.
    """

    def __init__(
        self,
        alpha: Sequence[Any] = (0.9, 0.1),
        subspaces: int = 2,
        **kwargs: Any,
    ) -> None:
        super().__init__(alpha, **{**kwargs, "per_channel": False})
        self.subspaces = checked_count("subspaces", subspaces)

    def build(self, input_shape: Sequence[Sequence[int]]) -> None:
        shapes = stream_shapes(input_shape)
        if shapes and shapes[0][-1] % self.subspaces:
            raise InputError(
                f"Expected channels that divide by {self.subspaces} subspaces. "
                f"Received: {shapes[0][-1]}."
            )
        super().build(
            [
                (*shape[:-1], shape[-1] // self.subspaces)
                for shape in shapes
                for _ in range(self.subspaces)
            ]
            if len(shapes) > 1
            else input_shape
        )

    def call(self, streams: Sequence[Any]) -> list[Any]:
        n = self.subspaces
        parts = [x for y in streams for x in ops.split(y, n, axis=-1)]
        mixed = super().call(parts)
        return [
            ops.concatenate(mixed[i : i + n], axis=-1)
            for i in range(0, len(mixed), n)
        ]

    def get_config(self) -> dict[str, Any]:
        config = {**super().get_config(), "subspaces": self.subspaces}
        del config["per_channel"]
        return config


@keras.saving.register_keras_serializable(package="facemtl")
class DepthMixture(keras.layers.Layer):
    """Mix a stream's features of D depths: h̃ = Σ_d β_d h_d, from β = 1 / D.

    Call arguments:
        features: list or tuple of D tensors of one shape.

    Raises:
        ValueError: if the input is not two or more tensors of one shape.

    Example:

    >>> import numpy as np
    >>> float(DepthMixture()([np.ones((1, 1)), np.full((1, 1), 3.0)])[0, 0])
    2.0

    Reference: Ruder et al., AAAI 2019, arXiv:1705.08142, equation 3 (β).
    """

    def build(self, input_shape: Sequence[Sequence[int]]) -> None:
        shapes = stream_shapes(input_shape)
        if len(shapes) < 2 or len(set(shapes)) > 1:
            raise InputError(
                "Expected a list of two or more depths of one shape. "
                f"Received: input_shape={input_shape}"
            )
        self.beta = self.add_weight(
            name="beta",
            shape=(len(shapes),),
            initializer=keras.initializers.Constant(1 / len(shapes)),
        )

    def call(self, features: Sequence[Any]) -> Any:
        return sum(self.beta[i] * x for i, x in enumerate(features))

    def compute_output_shape(self, input_shape: Sequence[Any]) -> Any:
        return tuple(input_shape[0])


@keras.saving.register_keras_serializable(package="facemtl")
class SubspaceOrthogonality(keras.regularizers.Regularizer):
    """factor Σ ‖Wᵢᵀ Wⱼ‖² over the pairs of a kernel's blocks of channels.

    Use it as `kernel_regularizer` of the layers before `Sluice`, so that
    subspaces learn different features.

    Args:
        factor: at least 0.
        subspaces: S, the number of blocks.

    Raises:
        ValueError: for arguments out of range.

    Example: equal blocks are penalized.

    >>> penalty = SubspaceOrthogonality(0.5)
    >>> float(penalty(ops.ones((1, 2)))), float(penalty(ops.eye(2)))
    (0.5, 0.0)

    Reference: Ruder et al., AAAI 2019, arXiv:1705.08142, equation 4.
    """

    def __init__(self, factor: float = 0.01, subspaces: int = 2) -> None:
        self.factor = checked_number("factor >= 0", factor, lambda x: x >= 0)
        self.subspaces = checked_count("subspaces", subspaces)

    def __call__(self, kernel: Any) -> Any:
        flat = ops.reshape(kernel, (-1, kernel.shape[-1]))
        blocks = ops.split(flat, self.subspaces, axis=-1)
        return self.factor * sum(
            ops.sum(ops.square(ops.matmul(ops.transpose(a), b)))
            for a, b in combinations(blocks, 2)
        )

    def get_config(self) -> dict[str, Any]:
        return {"factor": self.factor, "subspaces": self.subspaces}
