"""The fused batch normalization, against Keras's."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from facemtl.layers import BatchNormalization

RNG = np.random.default_rng(0)
MAPS = RNG.normal(3.0, 2.0, size=(6, 5, 4, 3)).astype("float32")


def operations(layer, x, training=True) -> set[str]:
    """The types of operations that a call adds to a graph."""
    graph = tf.function(lambda x: layer(x, training=training))
    return {
        x.type for x in graph.get_concrete_function(x).graph.get_operations()
    }


def step(kind, x, training=True):
    """Outputs, moving statistics and gradients of one call."""
    layer = kind(momentum=0.7, epsilon=1e-2)
    layer.build(x.shape)
    layer.gamma.assign([0.5, 1.0, 2.0])
    layer.beta.assign([-1.0, 0.0, 1.0])
    layer.moving_variance.assign([0.5, 1.0, 1.5])
    given = tf.Variable(x)
    with tf.GradientTape() as tape:
        y = layer(given, training=training)
        loss = tf.reduce_sum(tf.sin(y))
    found = tape.gradient(loss, [given, layer.gamma.value, layer.beta.value])
    return [y, layer.moving_mean, layer.moving_variance, *found]


@pytest.mark.parametrize("training", [True, False])
def test_maps_are_normalized_as_by_keras(training):
    found = step(BatchNormalization, MAPS, training)
    expected = step(keras.layers.BatchNormalization, MAPS, training)
    for own, kerass in zip(found, expected, strict=True):
        np.testing.assert_allclose(own, kerass, rtol=1e-4, atol=2e-5)


def test_the_moving_statistics_are_those_of_numpy():
    _, mean, variance, *_ = step(BatchNormalization, MAPS)
    expected = 0.3 * MAPS.mean(axis=(0, 1, 2))
    np.testing.assert_allclose(mean, expected, rtol=1e-5)
    expected = 0.7 * np.array([0.5, 1, 1.5]) + 0.3 * MAPS.var(axis=(0, 1, 2))
    np.testing.assert_allclose(variance, expected, rtol=1e-5)


def test_one_map_of_one_pixel_has_finite_statistics():
    layer = BatchNormalization()
    y = layer(MAPS[:1, :1, :1], training=True)
    assert np.isfinite(y).all()
    assert all(np.isfinite(weight).all() for weight in layer.get_weights())


@pytest.mark.parametrize(
    ("x", "settings", "fused"),
    [
        (MAPS, {}, True),
        (MAPS, {"trainable": False}, False),
        (MAPS, {"scale": False}, False),
        (MAPS, {"dtype": "mixed_bfloat16"}, False),
        (MAPS[:, 0, 0], {}, False),
    ],
)
def test_what_the_fused_operation_lacks_is_left_to_keras(x, settings, fused):
    layer = BatchNormalization(**settings)
    kerass = keras.layers.BatchNormalization(**settings)
    assert ("FusedBatchNormV3" in operations(layer, x)) is fused
    np.testing.assert_allclose(
        np.asarray(layer(x, training=True), "float32"),
        np.asarray(kerass(x, training=True), "float32"),
        rtol=1e-4,
        atol=1e-4,
    )


def test_predictions_can_be_folded_into_a_convolution():
    """Converters fold multiplication and addition, as Keras writes them."""
    layer = BatchNormalization()
    layer(MAPS)
    assert "FusedBatchNormV3" not in operations(layer, MAPS, training=False)


def test_round_trip_through_keras():
    layer = BatchNormalization(momentum=0.9, name="norm")
    config = keras.saving.serialize_keras_object(layer)
    again = keras.saving.deserialize_keras_object(config)
    assert type(again) is BatchNormalization
    assert again.get_config() == layer.get_config()
