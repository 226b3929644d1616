"""Layers that average the predictions for a crop and its mirror image."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from facemtl.arguments import checked_choice
from facemtl.errors import InputError
from facemtl.tasks import KINDS, is_mirror_rule


@keras.saving.register_keras_serializable(package="facemtl")
class WithMirror(keras.layers.Layer):
    """Append the mirror images to a batch of crops: (B, ...) -> (2 B, ...).

    Example:

    >>> import numpy as np
    >>> WithMirror()(np.reshape([1.0, 2.0], (1, 1, 2, 1)))[:, 0, :, 0].numpy()
    array([[1., 2.],
           [2., 1.]], dtype=float32)
    """

    def call(self, inputs: Any) -> Any:
        return ops.concatenate([inputs, ops.flip(inputs, axis=2)], axis=0)

    def compute_output_shape(
        self, input_shape: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        return (None, *input_shape[1:])


@keras.saving.register_keras_serializable(package="facemtl")
class MeanOfMirror(keras.layers.Layer):
    """Average one task's predictions for crops and mirror images.

    The input is the prediction for the batch of `WithMirror`, (2 B, ...); the
    output is (B, ...). Predictions for mirror images are mirrored back first:
    the left eye of the mirror image is the right eye of the face.

    Args:
        kind: kind of the task: `"landmarks"`, `"classes"` or `"value"`.
        mirror: mirror rule of the task, see `facemtl.tasks.Task`.

    Raises:
        ValueError: for an unknown kind, or a rule that does not fit it.

    Example:

    >>> import numpy as np
    >>> predictions = np.array([[0.25, 0.75], [0.25, 0.75]])
    >>> MeanOfMirror("classes", (1, 0))(predictions).numpy()
    array([[0.5, 0.5]], dtype=float32)
    """

    def __init__(self, kind: str, mirror: Sequence[int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kind = checked_choice("a kind", kind, KINDS)
        if not isinstance(mirror, Sequence) or not is_mirror_rule(kind, mirror):
            raise InputError(
                f"Expected a mirror rule of '{kind}' that is its own inverse. "
                f"Received: {mirror!r}."
            )
        self.mirror = tuple(mirror)

    def call(self, inputs: Any) -> Any:
        plain, mirrored = ops.split(inputs, 2, axis=0)
        return (plain + self._mirrored_back(mirrored)) / 2

    def _mirrored_back(self, predictions: Any) -> Any:
        if self.kind == "value":
            return predictions * self.mirror[0]
        predictions = ops.take(predictions, self.mirror, axis=1)
        if self.kind == "classes":
            return predictions
        # x becomes 1 - x; y stays.
        return ops.multiply(predictions, [-1.0, 1.0]) + ops.array([1.0, 0.0])

    def compute_output_shape(
        self, input_shape: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        return (None, *input_shape[1:])

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "kind": self.kind,
            "mirror": list(self.mirror),
        }
