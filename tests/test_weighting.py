"""Weights of the tasks' losses against their papers' formulas."""

from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from facemtl.config import load_settings
from facemtl.errors import InputError
from facemtl.models import FaceNetwork
from facemtl.mtl.weighting import WEIGHTINGS
from facemtl.tasks import GENDER, SMILE
from facemtl.training.learner import Learner
from facemtl.training.losses import AttributeLoss
from facemtl.training.weighting import (
    DynamicWeightAverage,
    FixedWeighting,
    UncertaintyWeighting,
    build_weighting,
)

TASKS = ["landmarks", "smile", "pose"]
LOSSES = {"landmarks": 0.5, "smile": 2.0, "pose": 4.0}


def test_fixed_weights():
    assert float(FixedWeighting(TASKS).total(LOSSES)) == 6.5
    weighting = FixedWeighting(TASKS, {"pose": 0.25, "smile": 0.0})
    assert float(weighting.total(LOSSES)) == 1.5
    expected = {"landmarks": 1.0, "smile": 0.0, "pose": 0.25}
    assert weighting.weights_now() == expected
    assert weighting.trainable_weights == []


@pytest.mark.parametrize("kind", [FixedWeighting, UncertaintyWeighting])
def test_a_stopped_task_has_no_part_and_no_gradient(kind):
    weighting = kind(TASKS)
    weighting.stop("pose")
    losses = {task: tf.Variable(loss) for task, loss in LOSSES.items()}
    with tf.GradientTape() as tape:
        total = weighting.total(losses)
    gradient = tape.gradient(total, losses)
    assert float(gradient["pose"]) == 0.0
    assert float(gradient["smile"]) > 0.0
    assert weighting.weights_now()["pose"] == 0.0
    rest = kind(TASKS[:2]).total(LOSSES)
    assert float(total) == pytest.approx(float(rest))


def test_a_stop_needs_no_new_trace():
    weighting = FixedWeighting(TASKS)
    traces = []

    @tf.function
    def total():
        traces.append(1)
        return weighting.total(LOSSES)

    before = float(total())
    weighting.stop("pose")
    assert float(total()) == before - LOSSES["pose"]
    assert len(traces) == 1


def test_uncertainty_agrees_with_the_formula():
    lambdas = {"smile": 0.5}
    weighting = UncertaintyWeighting(TASKS, lambdas)
    s = np.array([0.3, -1.2, 2.0])
    weighting.log_variance.assign(s)
    loss = np.array(list(LOSSES.values()))
    factor = np.array([1.0, 0.5, 1.0])
    with tf.GradientTape() as tape:
        total = weighting.total(LOSSES)
    expected = (factor * (np.exp(-s) * loss + s) / 2).sum()
    assert float(total) == pytest.approx(expected, rel=1e-6)
    gradient = tape.gradient(total, weighting.log_variance.value)
    slope = factor * (1 - np.exp(-s) * loss) / 2
    np.testing.assert_allclose(gradient, slope, rtol=1e-5)
    now = [weighting.weights_now()[task] for task in TASKS]
    np.testing.assert_allclose(now, factor * np.exp(-s) / 2, rtol=1e-6)
    assert [w.name for w in weighting.trainable_weights] == ["log_variance"]


def dwa(before, last, temperature, lambdas=1.0):
    """Liu et al., equation 7."""
    ratio = np.array(last) / np.array(before)
    powers = np.exp(ratio / temperature)
    return lambdas * len(ratio) * powers / powers.sum()


@pytest.mark.parametrize("temperature", [0.5, 2.0])
def test_dynamic_weights_agree_with_the_formula(temperature):
    weighting = DynamicWeightAverage(
        TASKS, {"pose": 0.5}, temperature=temperature
    )
    epochs = [[9.0, 9.0, 9.0], [1.0, 2.0, 4.0], [0.5, 1.9, 4.4]]
    history = [dict(zip(TASKS, row, strict=True)) for row in epochs]
    weighting.update(history[:1])
    assert weighting.weights_now() == {"landmarks": 1, "smile": 1, "pose": 0.5}
    weighting.update(history)
    factor = np.array([1.0, 1.0, 0.5])
    expected = dwa(epochs[1], epochs[2], temperature, factor)
    now = [weighting.weights_now()[task] for task in TASKS]
    np.testing.assert_allclose(now, expected, rtol=1e-5)
    assert float(weighting.total(LOSSES)) == pytest.approx(
        expected @ list(LOSSES.values()), rel=1e-5
    )


def test_dynamic_weights_leave_a_stopped_task_out():
    weighting = DynamicWeightAverage(TASKS)
    weighting.stop("smile")
    before = dict.fromkeys(TASKS, 1.0)
    last = {"landmarks": 0.5, "smile": 9.0, "pose": 0.9}
    weighting.update([before, last])
    now = weighting.weights_now()
    assert now["smile"] == 0.0
    expected = dwa([1.0, 1.0], [0.5, 0.9], 2.0)
    both = [now["landmarks"], now["pose"]]
    np.testing.assert_allclose(both, expected, rtol=1e-5)
    for task in ("landmarks", "pose"):
        weighting.stop(task)
    weighting.update([before, last])
    assert weighting.weights_now() == dict.fromkeys(TASKS, 0.0)


def test_dynamic_weights_survive_extreme_ratios():
    weighting = DynamicWeightAverage(TASKS, temperature=0.1)
    before = {"landmarks": 1e-9, "smile": 1.0, "pose": 0.0}
    weighting.update([before, dict.fromkeys(TASKS, 1e3)])
    now = list(weighting.weights_now().values())
    assert np.isfinite(now).all()
    assert sum(now) == pytest.approx(3.0)


def test_built_from_the_settings():
    settings = load_settings().weighting
    assert type(build_weighting(TASKS, settings)) is FixedWeighting
    settings = replace(
        settings,
        method="dynamic_weight_average",
        temperature=3.0,
        lambdas={"pose": 2.0},
    )
    weighting = build_weighting(TASKS, settings)
    assert type(weighting) is DynamicWeightAverage
    assert weighting.temperature == 3.0
    assert weighting.weights_now()["pose"] == 2.0
    settings = replace(settings, method="uncertainty")
    assert type(build_weighting(TASKS, settings)) is UncertaintyWeighting


@pytest.mark.parametrize("lambdas", [{"age": 1.0}, {"smile": -0.5}], ids=str)
def test_lambdas_must_fit_the_tasks(lambdas):
    with pytest.raises(InputError) as error:
        FixedWeighting(TASKS, lambdas)
    assert str(error.value) == (
        f"Expected lambdas >= 0 for tasks {TASKS}. Received: {lambdas}."
    )


def test_unknown_method():
    with pytest.raises(InputError) as error:
        build_weighting(
            TASKS, replace(load_settings().weighting, method="gradnorm")
        )
    assert str(error.value) == (
        f"Expected weighting.method in {list(WEIGHTINGS)}. "
        "Received: 'gradnorm'."
    )


@pytest.mark.parametrize("method", list(WEIGHTINGS))
def test_a_network_of_faces_trains_with_each(method):
    settings = replace(load_settings().weighting, method=method)
    weighting = build_weighting(["gender", "smile"], settings)
    network = FaceNetwork((GENDER, SMILE), width=0.1)
    losses = {"gender": AttributeLoss(), "smile": AttributeLoss()}
    learner = Learner(network, losses, weighting)
    learner.compile("sgd", run_eagerly=True)
    x = np.random.default_rng(0).uniform(0, 255, (4, 40, 40, 1))
    labels = dict.fromkeys(losses, np.array([0, 1, 1, 0]))
    known = dict.fromkeys(losses, np.ones(4))
    before = network.get_weights()
    data = (x, labels, known)
    log = learner.fit(
        x, labels, sample_weight=known, validation_data=data, verbose=0
    ).history
    assert np.isfinite([log["loss"], log["val_loss"]]).all()
    assert not np.array_equal(before[0], network.get_weights()[0])
