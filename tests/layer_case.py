"""What every layer of the project must do, in one check."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras.saving import deserialize_keras_object, serialize_keras_object

Make = Callable[[], keras.layers.Layer]


def check_layer(make: Make, inputs: Any, folder: Path) -> None:
    """Check a layer's config, shapes, file, gradients and mixed precision.

    Args:
        make: makes the layer, with an own policy and no state.
        inputs: an array, or a list of arrays, batch first.
        folder: for the saved file.
    """
    _check_config(make())
    _check_file(make(), inputs, folder / "layer.keras")
    _check_gradients(make(), inputs)
    _check_mixed_precision(make, inputs)


def _check_config(layer: keras.layers.Layer) -> None:
    config = layer.get_config()
    assert type(layer).from_config(config).get_config() == config
    content = serialize_keras_object(layer)
    read = deserialize_keras_object(json.loads(json.dumps(content)))
    assert serialize_keras_object(read) == content


def _check_file(layer: keras.layers.Layer, inputs: Any, file: Path) -> None:
    places = tf.nest.map_structure(lambda x: keras.Input(x.shape[1:]), inputs)
    model = keras.Model(places, layer(places))
    rng = np.random.default_rng(0)
    for weight in model.weights:
        weight.assign(weight + rng.uniform(0, 0.1, weight.shape))
    outputs = tf.nest.flatten(model(inputs))
    for symbol, output in zip(model.outputs, outputs, strict=True):
        assert tuple(symbol.shape[1:]) == tuple(output.shape[1:])
    model.save(file)
    read = tf.nest.flatten(keras.saving.load_model(file)(inputs))
    for output, again in zip(outputs, read, strict=True):
        np.testing.assert_array_equal(output, again)


def _check_gradients(layer: keras.layers.Layer, inputs: Any) -> None:
    rng = np.random.default_rng(1)
    with tf.GradientTape() as tape:
        outputs = tf.nest.flatten(layer(inputs))
        # A random direction: the plain sum of normalized units is constant.
        parts = [tf.reduce_sum(y * rng.normal(size=y.shape)) for y in outputs]
        loss = tf.add_n([*parts, *layer.losses])
    gradients = tape.gradient(
        loss, [weight.value for weight in layer.trainable_weights]
    )
    for weight, gradient in zip(
        layer.trainable_weights, gradients, strict=True
    ):
        assert gradient is not None, weight.path
        assert np.isfinite(gradient).all(), weight.path
        assert np.any(gradient), weight.path


def _check_mixed_precision(make: Make, inputs: Any) -> None:
    layer = make()
    outputs = tf.nest.flatten(layer(inputs))
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        mixed = make()
        mixed.build(tf.nest.map_structure(lambda x: x.shape, inputs))
        mixed.set_weights(layer.get_weights())
        low = tf.nest.flatten(mixed(inputs))
    finally:
        keras.config.set_dtype_policy(before)
    for output, other in zip(outputs, low, strict=True):
        assert other.dtype == "bfloat16"
        close = np.asarray(output)
        np.testing.assert_allclose(
            tf.cast(other, "float32"), close, atol=0.03 * np.abs(close).max()
        )
