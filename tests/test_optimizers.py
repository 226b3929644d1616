"""The optimizer: its schedule, its groups, what is not decayed."""

import json
from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras.saving import deserialize_keras_object, serialize_keras_object

from facemtl.config import load_settings
from facemtl.errors import InputError
from facemtl.models import FaceNetwork
from facemtl.tasks import LANDMARKS, SMILE
from facemtl.training.fused_adam import FusedAdamW
from facemtl.training.learner import Learner
from facemtl.training.optimizers import build_optimizer, schedule
from facemtl.training.task_losses import task_losses
from facemtl.training.weighting import UncertaintyWeighting

SETTINGS = load_settings().train


def test_schedule_rises_in_a_line_and_falls_as_a_cosine():
    rate = schedule(0.01, steps=200, warm_up=0.1)
    values = [float(rate(step)) for step in range(201)]
    np.testing.assert_allclose(
        values[:21], 0.01 * np.arange(21) / 20, rtol=1e-5, atol=1e-9
    )
    along = (np.arange(20, 201) - 20) / 180
    cosine = 0.01 * (1 + np.cos(np.pi * along)) / 2
    np.testing.assert_allclose(values[20:], cosine, rtol=1e-4, atol=1e-8)
    assert values[0] == 0.0
    assert values[20] == pytest.approx(0.01)
    assert values[110] == pytest.approx(0.005)
    assert values[200] == pytest.approx(0.0, abs=1e-9)
    assert float(rate(1000)) == pytest.approx(0.0, abs=1e-9)


def test_schedule_without_warm_up():
    rate = schedule(0.01, steps=100, warm_up=0.0)
    assert float(rate(0)) == pytest.approx(0.01)
    assert float(rate(50)) == pytest.approx(0.005)
    assert float(rate(100)) == pytest.approx(0.0, abs=1e-9)


def test_a_constant_schedule_stays_after_its_warm_up():
    rate = schedule(0.01, steps=100, warm_up=0.1, form="constant")
    assert float(rate(5)) == pytest.approx(0.005)
    values = [float(rate(step)) for step in (10, 50, 100, 1000)]
    np.testing.assert_allclose(values, 0.01, rtol=1e-6)
    with pytest.raises(InputError, match=r"train.schedule in .*'linear'"):
        build_optimizer(replace(SETTINGS, schedule="linear"), 10)


@pytest.mark.parametrize("warm_up", [0.05, 1.0])
def test_a_single_step_has_a_schedule(warm_up):
    rate = schedule(0.01, steps=1, warm_up=warm_up)
    assert np.isfinite([float(rate(step)) for step in range(3)]).all()


def stitched() -> FaceNetwork:
    return FaceNetwork(
        (LANDMARKS, SMILE),
        architecture="cross_stitch",
        width=0.1,
        weight_regularization={"form": "l2", "layers": ["fc"]},
    )


def one_step(network, gradient=1.0, **settings):
    """{weight path: change} of a first step with one gradient for all."""
    # No warm-up: the first step already has the whole rate.
    given = {"warm_up": 0.0, "learning_rate": 1e-3, **settings}
    optimizer = build_optimizer(replace(SETTINGS, **given), steps=1000)
    weights = network.trainable_weights
    before = [np.asarray(weight) for weight in weights]
    ones = [gradient * tf.ones(weight.shape) for weight in weights]
    optimizer.apply(ones, weights)
    return {
        weight.path: np.asarray(weight) - old
        for weight, old in zip(weights, before, strict=True)
    }


@pytest.mark.parametrize("rate", [1.0, 100.0])
@pytest.mark.parametrize("kind", ["sgd", "adam"])
def test_units_take_steps_stitch_rate_times_as_large(kind, rate):
    changes = one_step(
        stitched(), stitch_optimizer=kind, stitch_rate=rate, weight_decay=0.0
    )
    units = [path for path in changes if path.endswith("/alpha")]
    assert len(units) == 4
    for path, change in changes.items():
        # AdamW's first step is the rate; so is SGD's at a gradient of one.
        expected = -1e-3 * rate if path in units else -1e-3
        np.testing.assert_allclose(change, expected, rtol=2e-3, err_msg=path)


def test_the_units_are_sgd_by_default():
    """SGD's step, unlike Adam's, is proportional to the gradient."""
    changes = one_step(stitched(), gradient=0.25, weight_decay=0.0)
    for path, change in changes.items():
        expected = -0.025 if path.endswith("/alpha") else -1e-3
        np.testing.assert_allclose(change, expected, rtol=2e-3, err_msg=path)


def test_only_kernels_are_decayed():
    network = stitched()
    for weight in network.trainable_weights:
        weight.assign(tf.ones(weight.shape))
    changes = one_step(network, gradient=0.0, weight_decay=0.5)
    kinds = {path.rsplit("/", 1)[1] for path in changes}
    assert kinds >= {"kernel", "bias", "gamma", "beta", "alpha", "map_a"}
    for path, change in changes.items():
        expected = -1e-3 * 0.5 if path.endswith("kernel") else 0.0
        np.testing.assert_allclose(
            change, expected, rtol=1e-3, atol=1e-9, err_msg=path
        )


def test_weights_of_losses_are_not_decayed():
    weighting = UncertaintyWeighting(["landmarks"])
    weighting.log_variance.assign([2.0])
    changes = one_step(weighting, gradient=0.0, weight_decay=0.5)
    assert list(changes.values()) == [np.zeros(1)]


def test_depthwise_kernels_are_decayed_too():
    network = FaceNetwork(
        (LANDMARKS,), architecture="single", blocks="depthwise", width=0.1
    )
    changes = one_step(network, gradient=0.0, weight_decay=0.5)
    decayed = {p.rsplit("/", 1)[1] for p, x in changes.items() if x.any()}
    assert decayed == {"depthwise_kernel", "pointwise_kernel", "kernel"}


def test_round_trip_through_keras():
    # Keras leaves out of a configuration which weights are not decayed.
    settings = replace(SETTINGS, weight_decay=0.0, warm_up=0.0)
    optimizer = build_optimizer(settings, 500)
    text = json.dumps(serialize_keras_object(optimizer))
    again = deserialize_keras_object(json.loads(text))
    assert json.dumps(serialize_keras_object(again)) == text
    assert isinstance(again, keras.optimizers.MultiOptimizer)
    names = [type(inner).__name__ for inner in again.optimizers]
    assert sorted(names) == ["FusedAdamW", "SGD"]
    # Both take the same steps, groups and all.
    changes = []
    for one in (optimizer, again):
        network = stitched()
        weights = network.trainable_weights
        for weight in weights:
            weight.assign(tf.zeros(weight.shape))
        for _ in range(3):
            one.apply([tf.ones(w.shape) for w in weights], weights)
        changes.append([np.asarray(weight) for weight in weights])
        alpha = network.get_layer("stitch_fc").alpha
        assert np.asarray(alpha).max() < -0.1
    for first, other in zip(*changes, strict=True):
        np.testing.assert_allclose(first, other, rtol=1e-6)


def test_a_real_step_trains_every_weight():
    network = stitched()
    n = 8
    rng = np.random.default_rng(0)
    x = rng.integers(0, 256, (n, 40, 40, 1)).astype("float32")
    y = {
        "landmarks": rng.uniform(size=(n, 5, 2)).astype("float32"),
        "smile": rng.integers(0, 2, n),
    }
    weight = {task: np.ones(n, "float32") for task in y}
    losses = task_losses(network.tasks, y, load_settings().loss)
    learner = Learner(network, losses, UncertaintyWeighting(list(y)))
    optimizer = build_optimizer(replace(SETTINGS, warm_up=0.0), 10)
    learner.compile(optimizer, run_eagerly=True)
    before = {w.path: np.asarray(w) for w in learner.trainable_weights}
    learner.train_on_batch(x, y, weight)
    assert any(path.endswith("log_variance") for path in before)
    for w in learner.trainable_weights:
        assert not np.array_equal(before[w.path], w), w.path


def trained(kind, steps=5):
    """Weights after steps of an optimizer on pseudo-random gradients."""
    network = stitched()
    rng = np.random.default_rng(0)
    for weight in network.trainable_weights:
        weight.assign(rng.normal(size=weight.shape))
    optimizer = kind(schedule(1e-2, steps, warm_up=0.4), weight_decay=0.1)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    for _ in range(steps):
        gradients = [
            tf.constant(rng.normal(size=w.shape), tf.float32)
            for w in network.trainable_weights
        ]
        optimizer.apply(gradients, network.trainable_weights)
    return network.trainable_weights, optimizer.variables


def test_the_fused_optimizer_agrees_with_kerass():
    fused, expected = trained(FusedAdamW), trained(keras.optimizers.AdamW)
    for own, kerass in zip(fused, expected, strict=True):
        for one, other in zip(own, kerass, strict=True):
            assert one.path.split("/")[1:] == other.path.split("/")[1:]
            np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def test_the_fused_optimizer_leaves_other_types_to_keras():
    """Weights of half precision, and gradients of a few rows."""
    for dtype, rate in (("float16", 1e-2), ("float32", 0.1)):
        weight = keras.Variable(np.ones((3, 2)), dtype=dtype)
        gradient = tf.ones((3, 2), dtype)
        if dtype == "float32":
            gradient = tf.IndexedSlices(gradient[:1], [1], (3, 2))
        optimizer = FusedAdamW(rate, weight_decay=0.0)
        optimizer.apply([gradient], [weight])
        moved = 1 - np.asarray(weight, "float32")
        rows = [0, 1, 2] if dtype == "float16" else [1]
        np.testing.assert_allclose(moved[rows], rate, rtol=0.05)
        assert moved.sum() == moved[rows].sum()


def test_unknown_stitch_optimizer():
    with pytest.raises(InputError) as error:
        build_optimizer(replace(SETTINGS, stitch_optimizer="lion"), 10)
    assert str(error.value) == (
        "Expected train.stitch_optimizer in ['sgd', 'adam']. Received: 'lion'."
    )
