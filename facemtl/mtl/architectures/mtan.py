"""MTAN: one shared network, and a mask of attention for each task."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
from keras import ops

from facemtl.arguments import checked_count, checked_flag
from facemtl.errors import InputError
from facemtl.layers import BatchNormalization
from facemtl.layers.copies import copy_layer, unbuilt
from facemtl.layers.streams import is_sequence, stream_shapes


@keras.saving.register_keras_serializable(package="facemtl")
class TaskAttention(keras.layers.Layer):
    """Select features of a shared stage for each of T tasks.

    âᵢ = aᵢ ⊙ p, with the mask aᵢ = σ(BN(g₂(ReLU(BN(g₁([u; f(âᵢ')])))))).
    u and p are the stage's features before and after its last layer, âᵢ' the
    task's features of the stage before, and g are 1x1 convolutions.

    Args:
        tasks: T.
        carry: the layer f that brings features of the stage before to the size
            of u, such as a 3x3 convolution with pooling; copied for each task.
            None if they have this size.
        normalization: whether to normalize batches (BN).

    Call arguments:
        inputs: [u, p] in the first stage, [u, p, â₁', …, â_T'] in others. u and
            p have the same size but for channels.

    Returns:
        List of T tensors of the shape of p.

    Raises:
        ValueError: for arguments of the wrong type, or a list of another
            length.

    Example:

    >>> import numpy as np
    >>> attention = TaskAttention(tasks=3)
    >>> u, p = np.ones((2, 8, 8, 4)), np.ones((2, 8, 8, 6))
    >>> [tuple(x.shape) for x in attention([u, p])][0]
    (2, 8, 8, 6)

    Reference: Liu, Johns, Davison, "End-to-End Multi-Task Learning with
    Attention", CVPR 2019, arXiv:1803.10704, equations 1 and 2.
    """

    def __init__(
        self,
        tasks: int,
        carry: Any = None,
        normalization: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.normalization = checked_flag("normalization", normalization)
        self.tasks = checked_count("tasks", tasks)
        if isinstance(carry, Mapping):
            carry = keras.saving.deserialize_keras_object(unbuilt(carry))
        if not isinstance(carry, (keras.layers.Layer, type(None))):
            raise InputError(
                f"Expected carry as a Keras layer or None. Received: {carry!r}."
            )
        self.carry_config = unbuilt(keras.saving.serialize_keras_object(carry))
        self.carries = [
            copy_layer(carry, f"{carry.name}_task{i + 1}", i)
            for i in range(self.tasks)
            if carry is not None
        ]

    def build(self, input_shape: Sequence[Any]) -> None:
        self._check(stream_shapes(input_shape))
        for i in range(self.tasks):
            parts = self._mask(input_shape[1][-1], i + 1)
            for part in parts:
                part.dtype_policy = self.dtype_policy
            setattr(self, f"mask{i + 1}", parts)
        self._trace([keras.KerasTensor(shape) for shape in input_shape])

    def _mask(self, channels: int, task: int) -> list[keras.layers.Layer]:
        """Return the layers of a task's mask."""
        found: list[keras.layers.Layer] = []
        for i, activation in enumerate(("relu", "sigmoid"), start=1):
            found.append(keras.layers.Dense(channels, name=f"g{i}_{task}"))
            if self.normalization:
                found.append(BatchNormalization(name=f"norm{i}_{task}"))
            found.append(keras.layers.Activation(activation))
        return found

    def _check(self, inputs: Any) -> None:
        if not is_sequence(inputs) or len(inputs) not in (2, 2 + self.tasks):
            whole = is_sequence(inputs) and len(inputs)
            count = len(inputs) if whole else "one tensor"
            raise InputError(
                f"Expected a list of 2 or {2 + self.tasks} tensors: u, p, and "
                f"features of {self.tasks} tasks. Received: {count}."
            )

    def call(self, inputs: Sequence[Any], training: Any = None) -> list[Any]:
        self._check(inputs)
        return self._trace(inputs, training)

    def _trace(self, inputs: Sequence[Any], training: Any = None) -> list[Any]:
        before, after, *previous = inputs
        found = []
        for i in range(self.tasks):
            x = before
            if previous:
                own = previous[i]
                if self.carries:
                    own = self.carries[i](own, training=training)
                x = ops.concatenate([before, own], axis=-1)
            for part in getattr(self, f"mask{i + 1}"):
                norm = isinstance(part, BatchNormalization)
                x = part(x, training=training) if norm else part(x)
            found.append(x * after)
        return found

    def compute_output_shape(self, input_shape: Sequence[Any]) -> list[Any]:
        return [tuple(input_shape[1])] * self.tasks

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "tasks": self.tasks,
            "carry": self.carry_config,
            "normalization": self.normalization,
        }
