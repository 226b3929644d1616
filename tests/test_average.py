"""The moving average of the weights."""

import keras
import numpy as np
import pytest
from callback_case import assert_weights, randomize, stitched

from facemtl.training.callbacks import (
    WeightAverage,
)


@pytest.fixture(autouse=True)
def _seeded_weights():
    keras.utils.set_random_seed(0)


@pytest.fixture
def small():
    return keras.Sequential(
        [
            keras.Input((3,)),
            keras.layers.Dense(2),
            keras.layers.BatchNormalization(),
        ]
    )


@pytest.mark.parametrize("decay", [0.998, 0.4, 0.0])
def test_average_agrees_with_numpy(small, decay):
    expected = randomize(small)
    average = WeightAverage(small, decay)
    for step in range(1, 13):
        raw = randomize(small)
        average.on_train_batch_end(step)
        # Warmed up: 2/11, 3/12, 4/13, … and then the decay.
        d = min(decay, (1 + step) / (10 + step))
        expected = [
            d * mean + (1 - d) * weight
            for mean, weight in zip(expected, raw, strict=True)
        ]
        assert_weights(small, raw, rtol=0)
    with average.applied():
        assert_weights(small, expected, rtol=1e-5)
    assert_weights(small, raw, rtol=0)


def test_average_is_what_is_validated(small):
    average = WeightAverage(small, 0.5)
    average.on_train_batch_end(0)
    raw = randomize(small)
    average.on_train_batch_end(1)
    with average.applied():
        mean = small.get_weights()
    average.on_test_begin()
    assert_weights(small, mean, rtol=0)
    average.on_test_end()
    assert_weights(small, raw, rtol=0)


def test_average_is_taken_out_after_an_error(small):
    average = WeightAverage(small, 0.5)
    raw = randomize(small)
    with pytest.raises(KeyboardInterrupt), average.applied():
        raise KeyboardInterrupt
    assert_weights(small, raw, rtol=0)


def test_average_leaves_lambda_w_alone():
    model = stitched(factor=0.5)
    average = WeightAverage(model, 0.9)
    term = model.get_layer("fc").weight_regularization
    term.lambda_w.assign(0.125)
    average.on_train_batch_end(0)
    with average.applied():
        assert float(term.lambda_w) == 0.125


def test_average_goes_on_from_its_state(small):
    average = WeightAverage(small, 0.9)
    for _ in range(3):
        randomize(small)
        average.on_train_batch_end(0)
    other = WeightAverage(small, 0.9)
    for one, kept in zip(other.state, average.state, strict=True):
        one.assign(kept)
    randomize(small)
    for one in (average, other):
        one.on_train_batch_end(0)
    for one, kept in zip(other.state, average.state, strict=True):
        np.testing.assert_array_equal(one, kept)
