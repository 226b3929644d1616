"""λ_w's rise, and records of what is shared and weighted."""

import json

import keras
import numpy as np
import pytest
from callback_case import (
    TASKS,
    network,
    randomize,
    stitched,
)

from facemtl.training.callbacks import (
    RecordSharing,
    ScheduleLambda,
    UpdateWeighting,
)
from facemtl.training.weighting import DynamicWeightAverage, FixedWeighting


@pytest.fixture(autouse=True)
def _seeded_weights():
    keras.utils.set_random_seed(0)


# What the streams share


def test_lambda_w_rises_and_stays():
    model = stitched(factor=0.5)
    names = ("conv2", "fc")
    terms = [model.get_layer(x).weight_regularization for x in names]
    schedule = ScheduleLambda(model, epochs=4)
    found = []
    for epoch in range(7):
        schedule.on_epoch_begin(epoch)
        first, second = (float(term.lambda_w) for term in terms)
        assert first == second
        found.append(first)
    assert found == [0.0, 0.125, 0.25, 0.375, 0.5, 0.5, 0.5]
    ScheduleLambda(model, epochs=0).on_epoch_begin(0)
    assert float(terms[0].lambda_w) == 0.5
    ScheduleLambda(network(), epochs=3).on_epoch_begin(0)  # nothing to do


def test_what_is_shared_is_recorded():
    model = stitched(factor=0.5)
    randomize(model)
    for name in ("conv2", "fc"):
        term = model.get_layer(name).weight_regularization
        term.lambda_w.assign(0.25)
        term.a.assign([0.75])
        term.b.assign([0.01])
    logs = {"loss": 1.0}
    RecordSharing(model).on_epoch_end(0, logs)
    assert logs.pop("loss") == 1.0
    assert logs.pop("lambda_w") == 0.25
    for name in ("conv2", "fc"):
        one, two = (
            np.asarray(copy.kernel, np.float64)
            for copy in model.get_layer(name).copies
        )
        expected = {
            "r_w": ((0.75 * one + 0.01 - two) ** 2).sum(),
            "map_a": 0.75,
            "map_b": 0.01,
            "distance": np.sqrt(((one - two) ** 2).sum()),
            "norm1": np.sqrt((one**2).sum()),
            "norm2": np.sqrt((two**2).sum()),
        }
        for key, value in expected.items():
            found = logs.pop(f"{name}_{key}")
            assert found == pytest.approx(value, rel=1e-5), key
    for stage in ("pool1", "pool2", "pool3", "fc"):
        alpha = np.asarray(model.get_layer(f"stitch_{stage}").alpha)
        own = (alpha[0, 0].mean() + alpha[1, 1].mean()) / 2
        other = (alpha[0, 1].mean() + alpha[1, 0].mean()) / 2
        assert logs.pop(f"stitch_{stage}_own") == pytest.approx(own)
        assert logs.pop(f"stitch_{stage}_other") == pytest.approx(other)
    assert logs == {}


def test_nothing_is_recorded_where_nothing_is_shared():
    logs = {}
    RecordSharing(network()).on_epoch_end(0, logs)
    assert logs == {}


# The weights of the losses


def test_weights_are_logged_and_then_updated():
    weighting = DynamicWeightAverage(TASKS, temperature=1.0)
    update = UpdateWeighting(weighting)
    losses = [(1.0, 1.0), (0.5, 1.0), (0.5, 0.5)]
    seen = []
    for epoch, (points, smile) in enumerate(losses):
        logs = {"landmarks_loss": points, "smile_loss": smile}
        update.on_epoch_end(epoch, logs)
        seen.append((logs["landmarks_weight"], logs["smile_weight"]))
    # Epochs 0 and 1 were trained with equal weights.
    assert seen[:2] == [(1.0, 1.0), (1.0, 1.0)]
    powers = np.exp([0.5, 1.0])
    np.testing.assert_allclose(seen[2], 2 * powers / powers.sum(), rtol=1e-5)
    powers = np.exp([1.0, 0.5])
    now = list(weighting.weights_now().values())
    np.testing.assert_allclose(now, 2 * powers / powers.sum(), rtol=1e-5)
    # A resumed run goes on with the losses of before.
    state = json.loads(json.dumps(update.get_state()))
    again = UpdateWeighting(DynamicWeightAverage(TASKS, temperature=1.0))
    again.set_state(state)
    for one in (update, again):
        one.on_epoch_end(3, {"landmarks_loss": 0.4, "smile_loss": 0.1})
    assert again.weighting.weights_now() == weighting.weights_now()


def test_fixed_weights_are_logged_and_stay():
    weighting = FixedWeighting(TASKS, {"smile": 0.5})
    logs = {"landmarks_loss": 1.0, "smile_loss": 9.0}
    for epoch in range(3):
        UpdateWeighting(weighting).on_epoch_end(epoch, logs)
    assert (logs["landmarks_weight"], logs["smile_weight"]) == (1.0, 0.5)
