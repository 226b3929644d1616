"""MMoE: experts shared by all tasks, and a gate for each task."""

from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from facemtl.arguments import checked_count
from facemtl.errors import InputError
from facemtl.layers.copies import copy_layer, unbuilt


@keras.saving.register_keras_serializable(package="facemtl")
class MMoE(keras.layers.Layer):
    """Mix E experts for each of T tasks by gates that see the input.

    yₖ = Σ_e gₖₑ(x) f_e(x), with gₖ(x) = softmax(Wₖ x). For inputs with more
    than two axes, the gates see the mean over all but the last.

    Args:
        expert: the Keras layer f, or a model; copied E times.
        experts: E, at least 2.
        tasks: T.

    Input shape: (B, ..., C). Returns: list of T tensors, the experts' shape.

    Raises:
        ValueError: for arguments of the wrong type or out of range.

    Example:

    >>> import numpy as np
    >>> mixture = MMoE(keras.layers.Dense(8, "relu"), experts=4, tasks=3)
    >>> [tuple(y.shape) for y in mixture(np.ones((2, 5)))]
    [(2, 8), (2, 8), (2, 8)]

    Reference: Ma et al., "Modeling Task Relationships in Multi-task Learning
    with Multi-gate Mixture-of-Experts", KDD 2018, equations 6 and 7.
    """

    def __init__(
        self,
        expert: keras.layers.Layer,
        experts: int = 4,
        tasks: int = 2,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if isinstance(expert, Mapping):
            expert = keras.saving.deserialize_keras_object(unbuilt(expert))
        if not isinstance(expert, keras.layers.Layer):
            raise InputError(
                "Expected expert as a Keras layer, such as "
                f"keras.layers.Dense(8). Received: {expert!r}."
            )
        self.expert_config = unbuilt(
            keras.saving.serialize_keras_object(expert)
        )
        self.experts = checked_count("experts", experts, least=2)
        self.tasks = checked_count("tasks", tasks)
        self.copies = [
            copy_layer(expert, f"{expert.name}_expert{i + 1}", i)
            for i in range(self.experts)
        ]

    def build(self, input_shape: Any) -> None:
        for copy in self.copies:
            # A call builds any layer, also one without a `build` method.
            copy(keras.KerasTensor(input_shape))
        self.gates = self.add_weight(
            name="gates",
            shape=(input_shape[-1], self.tasks * self.experts),
            initializer="glorot_uniform",
        )

    def call(self, inputs: Any, training: Any = None) -> list[Any]:
        found = ops.stack(
            [copy(inputs, training=training) for copy in self.copies], axis=1
        )
        middle = tuple(range(1, len(inputs.shape) - 1))
        seen = ops.mean(inputs, axis=middle) if middle else inputs
        scores = ops.reshape(
            ops.matmul(seen, self.gates), (-1, self.tasks, self.experts)
        )
        # Experts have a policy of their own.
        shares = ops.cast(ops.softmax(scores, axis=-1), found.dtype)
        ones = (1,) * (len(found.shape) - 2)
        return [
            ops.sum(
                ops.reshape(shares[:, k], (-1, self.experts, *ones)) * found,
                axis=1,
            )
            for k in range(self.tasks)
        ]

    def compute_output_shape(self, input_shape: Any) -> list[Any]:
        return [self.copies[0].compute_output_shape(input_shape)] * self.tasks

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "expert": self.expert_config,
            "experts": self.experts,
            "tasks": self.tasks,
        }
