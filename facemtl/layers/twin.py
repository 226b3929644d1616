"""Copies of one layer, one per stream, with separate weights."""

from collections.abc import Mapping
from typing import Any

import keras

from facemtl.arguments import checked_count
from facemtl.errors import InputError
from facemtl.layers.copies import copy_layer, start_from, unbuilt
from facemtl.layers.streams import is_sequence, stream_shapes
from facemtl.layers.weight_regularization import WeightRegularization


@keras.saving.register_keras_serializable(package="facemtl")
class Twin(keras.layers.Layer):
    """Apply T copies of a layer to T streams, one copy per stream.

    If the layer already has weights, all copies start from them, as Misra et
    al. start from trained single-task networks. Otherwise each copy is
    initialized separately. Copies after the first have different seeds, for
    their weights and their dropout, even if the layer has a fixed seed.

    Args:
        layer: the Keras layer to copy, or its serialized configuration, which
            has no weights.
        streams: T, the number of streams.
        weight_regularization: a `WeightRegularization` that keeps the copies'
            kernels alike, or None. a and b belong to one layer: if several
            twins receive the same object, the first keeps it and the others
            copy it to their attribute `weight_regularization`.

    Call arguments:
        inputs: list or tuple of T tensors.

    Returns:
        List of T tensors, the outputs of the copies.

    Raises:
        ValueError: for arguments of the wrong type, if the input is not a
            list or tuple of T tensors, or if the layer's weights do not fit it.

    Example:

    >>> import numpy as np
    >>> twin = Twin(keras.layers.Dense(3, name="fc"), streams=2)
    >>> [tuple(y.shape) for y in twin([np.ones((1, 4)), np.ones((1, 4))])]
    [(1, 3), (1, 3)]
    >>> [copy.name for copy in twin.copies]
    ['fc_stream1', 'fc_stream2']

    Reference:
        Misra et al., "Cross-stitch Networks for Multi-task Learning",
        CVPR 2016, section 5.
    """

    def __init__(
        self,
        layer: keras.layers.Layer,
        streams: int = 2,
        weight_regularization: WeightRegularization | None = None,
        **kwargs: Any,
    ) -> None:
        # The copies cast their inputs; the penalty needs float32.
        super().__init__(**{**kwargs, "dtype": "float32", "autocast": False})
        self.streams = checked_count("streams", streams)
        given, term = _checked_parts(layer, weight_regularization, streams)
        self.layer_config = unbuilt(keras.saving.serialize_keras_object(given))
        if term is not None:
            term = copy_layer(term, term.name) if term.taken else term
            term.taken = True
        # Before the copies: saved optimizers hold weights in this order.
        self.weight_regularization = term
        with keras.name_scope(self.name):
            self.copies = [
                copy_layer(given, f"{given.name}_stream{i + 1}", i)
                for i in range(self.streams)
            ]
            # A serialized configuration has no weights to start from.
            for copy in self.copies if given is layer else ():
                start_from(copy, given)

    def build(self, input_shape: Any) -> None:
        self._check(input_shape, stream_shapes(input_shape))
        for copy, shape in zip(self.copies, input_shape, strict=True):
            # A call builds any layer, also one without a `build` method.
            copy(keras.KerasTensor(shape))
        term = self.weight_regularization
        if term is not None and not term.built:
            term.build([[tuple(w.shape) for w in own] for own in self.kernels])

    def call(self, inputs: Any, training: bool | None = None) -> list[Any]:
        self._check(inputs, inputs if is_sequence(inputs) else [])
        if self.weight_regularization is not None:
            self.weight_regularization(self.kernels)
        # Keras passes `training` only to layers that accept it.
        return [
            copy(x, training=training)
            for copy, x in zip(self.copies, inputs, strict=True)
        ]

    def _check(self, given: Any, streams: Any) -> None:
        """Raise unless the input is T tensors or T shapes."""
        if len(streams) != self.streams:
            received = len(streams) or _in_words(given)
            raise InputError(
                f"Expected a list of {self.streams} streams. "
                f"Received: {received}."
            )

    @property
    def kernels(self) -> list[list[Any]]:
        """The kernels θ of each copy: weights with two or more axes."""
        return [
            [w for w in copy.trainable_weights if len(w.shape) > 1]
            for copy in self.copies
        ]

    def compute_output_spec(
        self, inputs: Any, training: Any = None
    ) -> list[Any]:
        return [
            copy.compute_output_spec(x)
            for copy, x in zip(self.copies, inputs, strict=True)
        ]

    def compute_output_shape(self, input_shape: Any) -> list[Any]:
        return [
            copy.compute_output_shape(shape)
            for copy, shape in zip(self.copies, input_shape, strict=True)
        ]

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "layer": self.layer_config,
            "streams": self.streams,
            "weight_regularization": unbuilt(
                keras.saving.serialize_keras_object(self.weight_regularization)
            ),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Twin":
        term = keras.saving.deserialize_keras_object(
            unbuilt(config["weight_regularization"])
        )
        return cls(**{**config, "weight_regularization": term})


def _checked_parts(
    layer: Any, term: Any, streams: int
) -> tuple[keras.layers.Layer, WeightRegularization | None]:
    """Return the layer and the term, or raise if a type is wrong."""
    given = layer
    if isinstance(layer, Mapping):
        given = keras.saving.deserialize_keras_object(unbuilt(layer))
    if not isinstance(given, keras.layers.Layer):
        raise InputError(
            "Expected a Keras layer to copy, such as keras.layers.Dense(3). "
            f"Received: {layer!r}."
        )
    if not isinstance(term, (WeightRegularization, type(None))):
        raise InputError(
            "Expected weight_regularization as a WeightRegularization or "
            f"None. Received: {term!r}."
        )
    if term is not None and streams < 2:
        raise InputError(
            "Expected two or more streams to regularize. Received: 1."
        )
    return given, term


def _in_words(given: Any) -> str:
    """Describe an input that is not a list of streams."""
    return "no stream" if is_sequence(given) and not given else "one tensor"
