"""Weightings against their papers' formulas in NumPy."""

import keras
import numpy as np
import pytest
from mtl_case import numpy

from facemtl.mtl import (
    TCDCN,
    WEIGHTINGS,
    DynamicWeightAverage,
    FAMOWeighting,
    FixedWeighting,
    GeometricLoss,
    IMTLWeighting,
    Patience,
    RandomWeighting,
    TchebycheffWeighting,
    UncertaintyWeighting,
)

TASKS = ["a", "b", "c"]
LOSSES = np.array([0.5, 2.0, 4.0], "float32")
NAMED = dict(zip(TASKS, LOSSES.tolist(), strict=True))
LAMBDAS = {"b": 0.5}
FACTORS = np.array([1.0, 0.5, 1.0])


def total(weighting, losses=NAMED, **words):
    return float(numpy(weighting.total(losses, **words)))


def now(weighting):
    return np.array(list(weighting.weights_now().values()))


def slopes(weighting):
    """∂total / ∂loss by differences; the state must not change."""
    found = []
    for i in range(len(TASKS)):
        step = 1e-2 * np.eye(len(TASKS))[i]
        up, down = (
            total(
                weighting,
                dict(zip(TASKS, LOSSES + sign * step, strict=True)),
                training=False,
            )
            for sign in (1, -1)
        )
        found.append((up - down) / 2e-2)
    return np.array(found)


def softmax(x):
    return np.exp(x) / np.exp(x).sum()


def test_fixed():
    assert total(FixedWeighting(TASKS, LAMBDAS)) == pytest.approx(5.5)


def test_uncertainty():
    weighting = UncertaintyWeighting(TASKS, LAMBDAS)
    s = np.array([0.3, -1.2, 2.0])
    weighting.log_variance.assign(s)
    expected = (FACTORS * (np.exp(-s) * LOSSES + s) / 2).sum()
    assert total(weighting) == pytest.approx(expected, rel=1e-5)
    np.testing.assert_allclose(now(weighting), slopes(weighting), rtol=2e-2)


def test_imtl():
    weighting = IMTLWeighting(TASKS, LAMBDAS)
    s = np.array([0.3, -1.2, 1.0])
    weighting.log_scale.assign(s)
    expected = (FACTORS * (np.exp(s) * LOSSES - s)).sum()
    assert total(weighting) == pytest.approx(expected, rel=1e-5)
    np.testing.assert_allclose(now(weighting), slopes(weighting), rtol=2e-2)


def test_geometric():
    weighting = GeometricLoss(TASKS)
    expected = LOSSES.prod() ** (1 / 3)
    assert total(weighting) == pytest.approx(expected, rel=1e-5)
    np.testing.assert_allclose(now(weighting), expected / 3 / LOSSES, rtol=1e-5)
    np.testing.assert_allclose(now(weighting), slopes(weighting), rtol=2e-2)
    weighting.stop("c")
    assert total(weighting) == pytest.approx(1.0, rel=1e-5)
    assert weighting.weights_now()["c"] == 0


@pytest.mark.parametrize("mu", [0.3, 2.0])
def test_tchebycheff(mu):
    weighting = TchebycheffWeighting(TASKS, LAMBDAS, mu=mu, ideal={"a": 0.2})
    gap = FACTORS * (LOSSES - [0.2, 0, 0]) / mu
    expected = 3 * mu * np.log(np.exp(gap).sum())
    assert total(weighting) == pytest.approx(expected, rel=1e-5)
    np.testing.assert_allclose(
        now(weighting), 3 * FACTORS * softmax(gap), rtol=1e-4, atol=1e-6
    )
    np.testing.assert_allclose(
        now(weighting), slopes(weighting), rtol=5e-2, atol=2e-2
    )
    weighting.stop("c")
    expected = 2 * mu * np.log(np.exp(gap[:2]).sum())
    assert total(weighting) == pytest.approx(expected, rel=1e-5)


def test_random_weights_are_new_in_every_step():
    weighting = RandomWeighting(TASKS, LAMBDAS, seed=1)
    seen = []
    for _ in range(20):
        value = total(weighting)
        weights = now(weighting)
        assert value == pytest.approx(weights @ LOSSES, rel=1e-5)
        assert (weights / FACTORS).sum() == pytest.approx(3, rel=1e-5)
        seen.append(weights)
    assert len({tuple(row) for row in seen}) == 20
    assert total(weighting, training=False) == pytest.approx(5.5)
    np.testing.assert_array_equal(now(weighting), seen[-1])
    weighting.stop("a")
    total(weighting)
    assert now(weighting)[0] == 0
    assert (now(weighting) / FACTORS).sum() == pytest.approx(2, rel=1e-5)


def test_famo_follows_the_algorithm():
    weighting = FAMOWeighting(TASKS, rate=0.5, decay=0.1)
    steps = np.array([[0.5, 2, 4], [0.4, 2, 3], [0.3, 2.1, 2]], "float32")
    xi, before = np.zeros(3), None
    for losses in steps:
        z = softmax(xi)
        fall = np.zeros(3) if before is None else before - np.log(losses)
        jacobian = np.diag(z) - np.outer(z, z)
        xi = xi - 0.5 * (jacobian @ fall + 0.1 * xi)
        before = np.log(losses)
        z = softmax(xi)
        c = 3 / (z / losses).sum()
        value = total(weighting, dict(zip(TASKS, losses.tolist(), strict=True)))
        assert value == pytest.approx((c * z * np.log(losses)).sum(), rel=1e-4)
        np.testing.assert_allclose(now(weighting), c * z / losses, rtol=1e-4)
        assert now(weighting).sum() == pytest.approx(3, rel=1e-4)
    state = numpy(weighting.xi)
    total(weighting, training=False)
    np.testing.assert_array_equal(numpy(weighting.xi), state)


def test_dynamic():
    weighting = DynamicWeightAverage(TASKS, LAMBDAS, temperature=0.5)
    last = np.array([0.4, 2.0, 4.4])
    weighting.update([NAMED, dict(zip(TASKS, last, strict=True))])
    expected = 3 * FACTORS * softmax(last / LOSSES / 0.5)
    np.testing.assert_allclose(now(weighting), expected, rtol=1e-5)
    weighting.update([NAMED, {**NAMED, "a": float("nan")}])
    np.testing.assert_allclose(now(weighting), expected, rtol=1e-5)


@pytest.mark.parametrize("name", WEIGHTINGS)
def test_a_stopped_task_has_no_weight(name):
    weighting = WEIGHTINGS[name](TASKS)
    weighting.stop("b")
    first = total(weighting, training=False)
    other = total(weighting, {**NAMED, "b": 7.0}, training=False)
    assert first == pytest.approx(other, rel=1e-6)
    assert weighting.weights_now()["b"] == 0


@pytest.mark.slow
@pytest.mark.parametrize("name", WEIGHTINGS)
def test_weights_are_saved(name, tmp_path):
    one, other = (WEIGHTINGS[name](TASKS, name="weighting") for _ in range(2))
    total(one)
    total(one)
    models = [
        keras.Sequential([keras.Input((2,)), keras.layers.ReLU()])
        for _ in range(2)
    ]
    for model, part in zip(models, (one, other), strict=True):
        model.part = part
    models[0].save_weights(tmp_path / "state.weights.h5")
    models[1].load_weights(tmp_path / "state.weights.h5")
    for a, b in zip(one.weights, other.weights, strict=True):
        np.testing.assert_array_equal(numpy(a), numpy(b))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: FixedWeighting([]), "one or more distinct names"),
        (lambda: FixedWeighting(["a", "a"]), "one or more distinct names"),
        (lambda: FixedWeighting(TASKS, {"d": 1.0}), "Expected lambdas >= 0"),
        (lambda: TchebycheffWeighting(TASKS, mu=0), "Expected mu > 0"),
        (lambda: TchebycheffWeighting(TASKS, ideal={"d": 1}), "Expected ideal"),
        (lambda: FAMOWeighting(TASKS, rate=-1), "Expected rate >= 0"),
        (lambda: DynamicWeightAverage(TASKS, temperature=0), "temperature > 0"),
        (lambda: Patience(0), "patience as an integer >= 1"),
        (lambda: TCDCN(epsilon=-1), "Expected epsilon >= 0"),
    ],
)
def test_wrong_arguments_are_one_line(make, said):
    with pytest.raises(ValueError, match=said) as error:
        make()
    assert "\n" not in str(error.value)
