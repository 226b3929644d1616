"""Balanced gradients against NumPy, SciPy and the papers' properties."""

import keras
import numpy as np
import pytest
from mtl_case import LABELS, LOSSES, X, heads, network, numpy

from facemtl.mtl import (
    BALANCINGS,
    MGDA,
    AlignedMTL,
    CAGrad,
    FixedWeighting,
    GradientConflict,
    GradNorm,
    MultiTaskModel,
    PCGrad,
    UPGrad,
    per_task_gradients,
)

optimize = pytest.importorskip("scipy.optimize")
JAX = keras.backend.backend() == "jax"
with_gradients = pytest.mark.skipif(JAX, reason="JAX has no task gradients")
COUNTS = (2, 8)


def gradients(tasks, seed=0):
    """Rows g_k that conflict, of norms from 0.1 to 10."""
    rng = np.random.default_rng(seed)
    g = rng.normal(size=(tasks, 20)) - 0.7 * rng.normal(size=20)
    return g * 10 ** rng.uniform(-1, 1, (tasks, 1))


def weights(method, g):
    gram = keras.ops.convert_to_tensor((g @ g.T).astype("float32"))
    return numpy(method.weights_of(gram, keras.ops.ones(len(g))))


@pytest.mark.parametrize("tasks", COUNTS)
def test_pcgrad(tasks):
    """Any order: the sum of some projections in the paper's loop."""
    g = gradients(2)
    expected = 0
    for i in range(2):
        own, other = g[i].copy(), g[1 - i]
        if own @ other < 0:
            own -= own @ other / (other @ other) * other
        expected = expected + own
    np.testing.assert_allclose(weights(PCGrad(2), g) @ g, expected, rtol=1e-4)
    # Without conflict, nothing changes.
    g = np.abs(gradients(tasks))
    np.testing.assert_allclose(weights(PCGrad(tasks), g), 1.0, rtol=1e-5)


def test_pcgrad_of_three_is_one_of_the_orders():
    g, found = gradients(3, seed=3), []
    for flips in np.ndindex(2, 2, 2):
        total = 0
        for i, flip in enumerate(flips):
            others = [j for j in range(3) if j != i]
            own = g[i].copy()
            for j in others[::-1] if flip else others:
                if own @ g[j] < 0:
                    own -= own @ g[j] / (g[j] @ g[j]) * g[j]
            total = total + own
        found.append(total)
    method = PCGrad(3, seed=0)
    for _ in range(5):
        d = weights(method, g) @ g
        assert min(np.abs(d - x).max() for x in found) < 1e-3 * np.abs(d).max()


def on_simplex(value, tasks):
    start = np.ones(tasks) / tasks
    sums = {"type": "eq", "fun": lambda w: w.sum() - 1}
    found = optimize.minimize(
        value,
        start,
        bounds=[(0, 1)] * tasks,
        constraints=sums,
        options={"ftol": 1e-12, "maxiter": 1000},
    )
    return found.fun


@pytest.mark.parametrize("tasks", COUNTS)
def test_mgda_is_the_shortest_vector(tasks):
    g = gradients(tasks)
    w = weights(MGDA(tasks), g) / tasks
    assert w.sum() == pytest.approx(1, abs=1e-4)
    assert (w >= 0).all()
    unit = g / np.linalg.norm(g)
    best = on_simplex(lambda w: ((w @ unit) ** 2).sum(), tasks)
    assert ((w @ unit) ** 2).sum() <= best * 1.02 + 1e-6


@pytest.mark.parametrize("c", [0.0, 0.5])
@pytest.mark.parametrize("tasks", COUNTS)
def test_cagrad_solves_the_dual(tasks, c):
    g = gradients(tasks) / 10
    d = weights(CAGrad(tasks, c=c), g) @ g / tasks
    mean = g.mean(axis=0)
    radius = c * np.linalg.norm(mean)
    # d lies on the ball round the mean, and its worst task is the dual value.
    distance = np.linalg.norm(d - mean)
    np.testing.assert_allclose(distance, radius, rtol=1e-2, atol=1e-4)

    def dual(w):
        return w @ g @ mean + radius * np.linalg.norm(w @ g)

    best = on_simplex(dual, tasks)
    if c:
        assert (g @ d).min() == pytest.approx(best, rel=0.1, abs=2e-2)


@pytest.mark.parametrize("tasks", COUNTS)
def test_aligned_is_the_procrustes_solution(tasks):
    g = gradients(tasks)
    u, s, v = np.linalg.svd(g, full_matrices=False)
    expected = s.min() * (u @ v).sum(axis=0)
    d = weights(AlignedMTL(tasks), g) @ g
    np.testing.assert_allclose(d, expected, rtol=2e-2, atol=2e-2 * s.min())


@pytest.mark.parametrize("tasks", COUNTS)
def test_upgrad_is_the_sum_of_projections(tasks):
    g = gradients(tasks)
    expected = 0
    for own in g:
        # The projection onto the dual cone, by its dual problem.
        v, _ = optimize.nnls(-g.T, own)
        expected = expected + own + v @ g
    d = weights(UPGrad(tasks), g) @ g
    scale = np.linalg.norm(expected)
    assert np.linalg.norm(d - expected) < 0.1 * scale
    assert (g @ d).min() > -0.02 * np.linalg.norm(g) * scale


def test_gradnorm_follows_the_algorithm():
    g, method = gradients(3), GradNorm(3, alpha=0.5, rate=0.1)
    gram, w, first = (g @ g.T).astype("float32"), np.ones(3), None
    norms = np.linalg.norm(g, axis=1)
    for losses in np.array([[1, 2, 3], [0.5, 2, 1], [0.4, 1, 0.9]], "float32"):
        found = method.weights_of(
            keras.ops.convert_to_tensor(gram),
            keras.ops.convert_to_tensor(losses),
        )
        np.testing.assert_allclose(numpy(found), w, rtol=1e-4)
        first = losses if first is None else first
        speed = losses / first / (losses / first).mean()
        mean = (w * norms).mean()
        slope = np.sign(w * norms - mean * speed**0.5) * norms / mean
        w = np.maximum(w - 0.1 * slope, 1e-3)
        w = 3 * w / w.sum()
    np.testing.assert_allclose(numpy(method.task_weights), w, rtol=1e-4)


@pytest.mark.parametrize("name", BALANCINGS)
def test_a_task_without_gradient_has_no_part(name):
    g = gradients(3)
    g[1] = 0
    found = weights(BALANCINGS[name](3), g) @ g
    rest = weights(BALANCINGS[name](2), g[[0, 2]]) @ g[[0, 2]]
    np.testing.assert_allclose(found, rest, rtol=5e-2, atol=5e-2)
    assert np.isfinite(weights(BALANCINGS[name](3), 0 * g)).all()


def learner(
    balancing=None, weighting="fixed", model=None, eager=False, layer=None
):
    model = MultiTaskModel(
        model or network(),
        LOSSES,
        weighting,
        balancing,
        representation=layer,
    )
    sgd = keras.optimizers.SGD(0.1)
    model.compile(sgd, jit_compile=False, run_eagerly=eager)
    return model


def fit(model, **words):
    words = {
        "epochs": 3,
        "batch_size": 8,
        "shuffle": False,
        "verbose": 0,
    } | words
    return model.fit(X, words.pop("y", LABELS), **words).history


@with_gradients
@pytest.mark.parametrize("name", BALANCINGS)
def test_every_method_trains(name):
    model = learner(name, "uncertainty")
    before = model.network.get_weights()
    log = fit(model, validation_split=0.25)
    assert log["size_loss"][-1] < log["size_loss"][0]
    assert np.isfinite(log["val_loss"]).all()
    for a, b in zip(before, model.network.get_weights(), strict=True):
        assert not np.array_equal(a, b)


@with_gradients
@pytest.mark.parametrize("layer", [None, "trunk"])
@pytest.mark.parametrize("weighting", ["fixed", "uncertainty", "tchebycheff"])
def test_equal_weights_are_the_gradient_of_the_sum(weighting, layer):
    """CAGrad with c = 0 takes the plain steps, by K gradients."""
    one = learner(CAGrad(2, c=0.0), weighting, layer=layer)
    other = learner(weighting=weighting)
    logs = [fit(model) for model in (one, other)]
    np.testing.assert_allclose(logs[0]["loss"], logs[1]["loss"], rtol=1e-4)
    for a, b in zip(one.get_weights(), other.get_weights(), strict=False):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-5)


@with_gradients
@pytest.mark.parametrize("layer", [None, "trunk"])
@pytest.mark.parametrize("name", ["pcgrad", "gradnorm"])
def test_a_loss_that_is_nan_harms_no_other_task(name, layer):
    model = learner(name, layer=layer)
    before = model.network.get_weights()
    labels = {**LABELS, "size": np.full((32, 1), np.nan, "float32")}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("warnings.warn", lambda *words, **more: None)
        fit(model, y=labels, epochs=1)
    after = model.network.get_weights()
    assert all(np.isfinite(w).all() for w in after)
    assert any(
        not np.array_equal(*both) for both in zip(before, after, strict=True)
    )


@with_gradients
@pytest.mark.parametrize("name", ["mgda", "gradnorm"])
def test_a_stopped_task_leaves_plain_training(name):
    """CAGrad's step is 1 + c times as long for one task, by its formula."""
    weighting = FixedWeighting(list(LABELS), {"size": 0.0})
    one = learner(name, weighting)
    other = learner(None, FixedWeighting(list(LABELS), {"size": 0.0}))
    fit(one, epochs=1)
    fit(other, epochs=1)
    for a, b in zip(
        one.network.get_weights(), other.network.get_weights(), strict=True
    ):
        np.testing.assert_allclose(a, b, rtol=5e-3, atol=1e-4)


@with_gradients
@pytest.mark.parametrize("layer", [None, "trunk"])
def test_layer_losses_are_part_of_the_step(layer):
    def regular():
        keras.utils.set_random_seed(0)
        x = keras.Input((6,))
        trunk = keras.layers.Dense(8, kernel_regularizer="l2", name="trunk")(x)
        return keras.Model(x, heads(trunk))

    one, other = (
        learner(CAGrad(2, c=0.0), model=regular(), layer=layer),
        learner(model=regular()),
    )
    logs = [fit(model) for model in (one, other)]
    np.testing.assert_allclose(logs[0]["loss"], logs[1]["loss"], rtol=1e-4)


def apart():
    x = keras.Input((6,))
    tasks = [heads(keras.layers.Dense(3)(x)) for _ in LABELS]
    return keras.Model(
        x, {task: own[task] for task, own in zip(LABELS, tasks, strict=True)}
    )


@with_gradients
@pytest.mark.parametrize(
    "run",
    [
        lambda: fit(learner("mgda", model=apart())),
        lambda: per_task_gradients(learner(model=apart()), X, LABELS),
    ],
)
def test_tasks_without_a_shared_layer_are_one_line(run):
    with pytest.raises(ValueError, match="tasks with a shared layer") as error:
        run()
    assert "\n" not in str(error.value)


def test_a_backend_without_it_says_so(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(ValueError, match=r"Received: jax\. Set KERAS_BACKEND"):
        fit(learner("pcgrad", eager=True))


@with_gradients
def test_the_gradients_of_tasks_sum_to_that_of_the_sum():
    model = learner()
    found = per_task_gradients(model, X, LABELS)
    assert list(found["size"]) == [
        w.path for w in model.network.layers[1].weights
    ]
    before = numpy(model.network.layers[1].kernel)
    model.fit(X, LABELS, batch_size=32, verbose=0)
    step = (before - numpy(model.network.layers[1].kernel)) / 0.1
    path = model.network.layers[1].kernel.path
    total = found["size"][path] + found["parity"][path]
    np.testing.assert_allclose(total, step, rtol=1e-2, atol=1e-4)


@with_gradients
def test_the_conflict_is_logged_by_layer():
    conflict = GradientConflict(X, {**LABELS, "parity": 1 - LABELS["parity"]})
    model = learner()
    before = numpy(model.trackers["size"].total)
    log = fit(model, callbacks=[conflict])
    assert before == 0
    assert set(log) >= {"trunk_cosine", "conflicts"}
    gradients = per_task_gradients(model, *conflict.batch)
    size, parity = (
        np.concatenate([np.ravel(x) for x in own.values()])
        for own in gradients.values()
    )
    expected = size @ parity / np.linalg.norm(size) / np.linalg.norm(parity)
    assert log["trunk_cosine"][-1] == pytest.approx(expected, rel=1e-4)
    assert len(conflict.history) == 3
    assert conflict.history[-1]["trunk"].shape == (2, 2)
    assert log["conflicts"][-1] == float(expected < 0)


@with_gradients
@pytest.mark.parametrize("name", ["cagrad", "gradnorm"])
def test_the_representation_of_a_trunk_is_balanced(name):
    """Weights of the trunk get the balanced gradient of its output."""
    model = MultiTaskModel(
        network(), LOSSES, "fixed", name, representation="trunk"
    )
    model.compile(keras.optimizers.SGD(0.1), jit_compile=False)
    trunk, *others = model.network.layers[1:]
    kernel, bias = trunk.get_weights()
    tops = [layer.get_weights() for layer in others]
    z = np.tanh(X @ kernel + bias)
    rows, steps = [], {}
    for layer, (w, b) in zip(others, tops, strict=True):
        guess, label = z @ w + b, LABELS[layer.name]
        if layer.name == "size":
            slope = 2 * (guess - label) / len(X)
        else:
            slope = (1 / (1 + np.exp(-guess)) - label) / len(X)
        rows.append((slope @ w.T).ravel())
        steps[layer.name] = z.T @ slope
    factors = weights(BALANCINGS[name](2), np.array(rows))
    back = (factors @ np.array(rows)).reshape(z.shape) * (1 - z**2)
    model.fit(X, LABELS, batch_size=32, shuffle=False, verbose=0)
    expected = kernel - 0.1 * X.T @ back
    np.testing.assert_allclose(trunk.get_weights()[0], expected, atol=1e-5)
    for layer, (w, _), factor in zip(others, tops, factors, strict=True):
        scale = factor if BALANCINGS[name].scales_own else 1.0
        expected = w - 0.1 * scale * steps[layer.name]
        np.testing.assert_allclose(layer.get_weights()[0], expected, atol=1e-5)


def past():
    """A network with a task that goes past its trunk."""
    x = keras.Input((6,))
    shared = keras.layers.Dense(8, name="trunk")(x)
    outputs = heads(shared)
    outputs["size"] = outputs["size"] + keras.layers.Dense(1)(x)
    return keras.Model(x, outputs)


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ("trunk", "one output every task goes. Received: 'trunk', which a"),
        ("stem", r"Expected representation in .*Received: 'stem'"),
    ],
)
def test_a_representation_that_is_none_is_one_line(layer, message):
    with pytest.raises(ValueError, match=message) as error:
        MultiTaskModel(past(), LOSSES, "fixed", "mgda", representation=layer)
    assert "\n" not in str(error.value)
