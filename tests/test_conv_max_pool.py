"""ConvMaxPool is a convolution and a max-pooling, and nothing else."""

import keras
import numpy as np
import pytest

from facemtl.layers import ConvMaxPool


def pair(kernel_size, channels, use_bias=True):
    """The fused layer, and Keras's two layers with the same weights."""
    fused = ConvMaxPool(7, kernel_size, use_bias)
    fused.build((None, 20, 20, channels))
    rng = np.random.default_rng(0)
    fused.set_weights([rng.normal(size=w.shape) for w in fused.weights])
    conv = keras.layers.Conv2D(7, kernel_size, use_bias=use_bias)
    conv.build((None, 20, 20, channels))
    conv.set_weights(fused.get_weights())
    pool = keras.layers.MaxPooling2D()
    return fused, keras.Sequential([conv, pool])


@pytest.mark.parametrize("kernel_size", [3, 5])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", [(20, 20), (19, 20), (21, 13)])
def test_it_is_the_two_layers_of_keras(kernel_size, channels, size):
    fused, plain = pair(kernel_size, channels)
    x = np.random.default_rng(1).normal(size=(2, *size, channels))
    expected = plain(x.astype("float32"))
    answer = fused(x.astype("float32"))
    assert answer.shape == expected.shape
    assert fused.compute_output_shape((2, *size, channels)) == expected.shape
    np.testing.assert_allclose(answer, expected, atol=1e-5)


def test_gradients_are_those_of_the_two_layers():
    import tensorflow as tf

    fused, plain = pair(5, 1, use_bias=False)
    x = np.random.default_rng(1).normal(size=(2, 20, 20, 1)).astype("float32")
    gradients = []
    for model in (fused, plain):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(model(x) ** 2)
        gradients.append(tape.gradient(loss, model.trainable_variables)[0])
    np.testing.assert_allclose(*gradients, rtol=1e-4)


def test_it_is_saved_and_loaded(tmp_path):
    image = keras.Input((20, 20, 3))
    model = keras.Model(image, ConvMaxPool(4, 3)(image))
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    x = np.random.default_rng(0).normal(size=(1, 20, 20, 3))
    np.testing.assert_array_equal(model(x), again(x))
