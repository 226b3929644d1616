"""`ResidualBlock` against the same sums written out."""

import numpy as np
import pytest
import tensorflow as tf
from layer_case import check_layer

from facemtl.layers import ResidualBlock

RNG = np.random.default_rng(0)


def by_hand(block: ResidualBlock, x: np.ndarray) -> np.ndarray:
    """conv, norm, add and relu from the block's weights alone."""

    def step(i: int, x: tf.Tensor) -> tf.Tensor:
        kernels = [np.asarray(w) for w in block.convolutions[i].weights]
        strides = [1, 2, 2, 1] if i == 0 else [1, 1, 1, 1]
        if len(kernels) == 2:
            y = tf.nn.separable_conv2d(x, *kernels, strides, "SAME")
        else:
            y = tf.nn.conv2d(x, kernels[0], strides, "SAME")
        gamma, beta, mean, variance = block.norms[i].get_weights()
        return gamma * (y - mean) / np.sqrt(variance + 1e-3) + beta

    y = tf.nn.relu(step(0, x))
    return tf.nn.relu(y + step(2, tf.nn.relu(step(1, y))))


@pytest.mark.parametrize("separable", [False, True])
def test_agrees_with_the_formula(separable):
    block = ResidualBlock(6, separable)
    x = RNG.normal(size=(2, 9, 8, 3)).astype("float32")
    block(x)
    for weight in block.weights:
        change = RNG.uniform(0.0, 0.3, weight.shape)
        weight.assign(np.asarray(weight) + change)
    answer = block(x)
    assert tuple(answer.shape) == (2, 5, 4, 6)
    np.testing.assert_allclose(answer, by_hand(block, x), rtol=1e-4, atol=1e-5)


def test_separable_needs_fewer_weights():
    counts = []
    for separable in (False, True):
        block = ResidualBlock(32, separable)
        block.build((None, 8, 8, 16))
        counts.append(block.count_params())
    norms = 3 * 4 * 32
    assert counts[0] == 9 * 16 * 32 + 2 * 9 * 32 * 32 + norms
    assert counts[1] == 9 * (16 + 32 + 32) + (16 + 32 + 32) * 32 + norms


def test_training_reaches_all_norms():
    block = ResidualBlock(4)
    x = RNG.normal(size=(4, 6, 6, 2)).astype("float32")
    block(x, training=False)
    assert not any(np.any(norm.moving_mean) for norm in block.norms)
    block(x, training=True)
    assert all(np.any(norm.moving_mean) for norm in block.norms)


@pytest.mark.parametrize("separable", [False, True])
def test_is_a_whole_layer(separable, tmp_path):
    x = RNG.normal(size=(4, 7, 6, 3)).astype("float32")
    check_layer(lambda: ResidualBlock(5, separable), x, tmp_path)
