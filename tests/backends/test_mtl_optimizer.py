"""The units' own learning rate, by the type of their layers."""

import keras
import numpy as np
import pytest
from mtl_case import LABELS, LOSSES, X, heads, network, numpy

from facemtl.mtl import (
    NDDR,
    CrossStitch,
    MultiTaskModel,
    Sluice,
    Twin,
    stitch_optimizer,
)


def stitched(unit, name="any"):
    """Twin streams with a unit between them."""
    keras.utils.set_random_seed(0)
    x = keras.Input((6,))
    streams = unit(Twin(keras.layers.Dense(4, "tanh"))([x, x]))
    outputs = {
        task: heads(stream)[task]
        for task, stream in zip(LABELS, streams, strict=True)
    }
    return keras.Model(x, outputs, name=name)


def trained(model, optimizer):
    """How far each weight moved in one step of SGD."""
    learner = MultiTaskModel(model, LOSSES)
    before = [numpy(w) for w in model.trainable_weights]
    learner.compile(optimizer, jit_compile=False, run_eagerly=True)
    learner.fit(X, LABELS, batch_size=32, verbose=0)
    return {
        w.path: numpy(w) - old
        for w, old in zip(model.trainable_weights, before, strict=True)
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    "make",
    [
        lambda: CrossStitch(name="mixer"),
        lambda: NDDR(normalization=False),
        lambda: Sluice(),
    ],
    ids=["stitch", "nddr", "sluice"],
)
def test_units_alone_are_faster(make):
    slow, fast = stitched(make()), stitched(make())
    sgd = keras.optimizers.SGD
    rest = trained(slow, sgd(0.001))
    both = trained(fast, stitch_optimizer(fast, sgd(0.001), factor=50.0))
    units = {w.path for w in fast.layers[2].trainable_weights}
    assert units
    for path, other in zip(both, rest, strict=True):
        factor = 50 if path in units else 1
        np.testing.assert_allclose(
            both[path], factor * rest[other], rtol=2e-3, atol=1e-6
        )


@pytest.mark.slow
def test_units_in_inner_models_and_wrappers_are_found():
    inner = stitched(CrossStitch())
    x = keras.Input((6,))
    learner = MultiTaskModel(keras.Model(x, inner(x)), LOSSES)
    optimizer = stitch_optimizer(learner, "adam", kind="adam")
    optimizer.build(learner.trainable_variables)
    rates = sorted(float(numpy(o.learning_rate)) for o in optimizer.optimizers)
    np.testing.assert_allclose(rates, [0.001, 0.1], rtol=1e-5)


def test_a_schedule_is_scaled():
    model = stitched(CrossStitch())
    decay = keras.optimizers.schedules.ExponentialDecay(0.01, 1, 0.5)
    optimizer = stitch_optimizer(model, keras.optimizers.SGD(decay), 10.0)
    read = keras.optimizers.deserialize(keras.optimizers.serialize(optimizer))
    for one in (optimizer, read):
        trained(model, one)
        rates = {float(numpy(o.learning_rate)) for o in one.optimizers}
        np.testing.assert_allclose(sorted(rates), [0.005, 0.05], rtol=1e-5)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({}, "Received: none in 'functional"),
        ({"factor": -1}, "Expected factor >= 0"),
        ({"kind": "adagrad"}, "Expected kind in"),
    ],
)
def test_wrong_arguments_are_one_line(words, said):
    with pytest.raises(ValueError, match=said) as error:
        stitch_optimizer(network(), "sgd", **words)
    assert "\n" not in str(error.value)
