"""A layer once a stream: the same shape, weights of its own."""

from typing import Any

import keras

from facemtl.layers.weight_regularization import WeightRegularization


@keras.saving.register_keras_serializable(package="facemtl")
class Twin(keras.layers.Layer):
    """Apply one layer's copies to T streams, a copy each.

    Args:
        layer: the Keras layer to copy, from its configuration.
        streams: T, the number of streams.
        weight_regularization: a `WeightRegularization` that keeps the copies'
            kernels alike; None costs nothing.

    Call arguments:
        inputs: list of T tensors.

    Returns:
        List of T tensors, as the layer answers.

    Raises:
        ValueError: if the input is not a list of T tensors.

    Example:

    >>> import numpy as np
    >>> twin = Twin(keras.layers.Dense(3, name="fc"), streams=2)
    >>> [tuple(y.shape) for y in twin([np.ones((1, 4)), np.ones((1, 4))])]
    [(1, 3), (1, 3)]
    >>> [copy.name for copy in twin.copies]
    ['fc_stream1', 'fc_stream2']
    """

    def __init__(
        self,
        layer: keras.layers.Layer,
        streams: int = 2,
        weight_regularization: WeightRegularization | None = None,
        **kwargs: Any,
    ) -> None:
        # The copies cast for themselves; the penalty wants whole precision.
        super().__init__(**{**kwargs, "dtype": "float32", "autocast": False})
        self.layer_config = keras.saving.serialize_keras_object(layer)
        self.streams = streams
        self.weight_regularization = weight_regularization
        self.copies = [self._copy(layer, i + 1) for i in range(streams)]

    @staticmethod
    def _copy(layer: keras.layers.Layer, number: int) -> keras.layers.Layer:
        config = {
            **layer.get_config(),
            "name": f"{layer.name}_stream{number}",
        }
        return type(layer).from_config(config)

    def build(self, input_shape: list) -> None:
        self._check(input_shape)
        for copy, shape in zip(self.copies, input_shape, strict=True):
            copy.build(shape)
        term = self.weight_regularization
        if term is not None and not term.built:
            term.build([[w.shape for w in kernels] for kernels in self.kernels])

    def call(self, inputs: list, training: bool | None = None) -> list:
        self._check(inputs)
        if self.weight_regularization is not None:
            self.weight_regularization(self.kernels)
        return [
            _call(copy, x, training)
            for copy, x in zip(self.copies, inputs, strict=True)
        ]

    def _check(self, streams: Any) -> None:
        """Raise unless these are T tensors, or T shapes."""
        given = len(streams) if isinstance(streams, list) else "one tensor"
        if given != self.streams:
            raise ValueError(
                f"Expected a list of {self.streams} streams. Received: {given}"
            )

    @property
    def kernels(self) -> list[list]:
        """The kernels θ of each copy: weights of two or more axes."""
        return [
            [w for w in copy.trainable_weights if len(w.shape) > 1]
            for copy in self.copies
        ]

    def compute_output_shape(self, input_shape: list) -> list:
        return [
            copy.compute_output_shape(shape)
            for copy, shape in zip(self.copies, input_shape, strict=True)
        ]

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "layer": self.layer_config,
            "streams": self.streams,
            "weight_regularization": keras.saving.serialize_keras_object(
                self.weight_regularization
            ),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Twin":
        parts = ("layer", "weight_regularization")
        read = {
            part: keras.saving.deserialize_keras_object(config[part])
            for part in parts
        }
        return cls(**{**config, **read})


def _call(layer: keras.layers.Layer, x: Any, training: bool | None) -> Any:
    """Call a layer; only some take `training`."""
    if layer._call_has_training_arg:
        return layer(x, training=training)
    return layer(x)
