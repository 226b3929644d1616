"""Weight regularization against NumPy, and what it does in a network."""

from itertools import combinations

import keras
import numpy as np
import pytest
import tensorflow as tf
from layer_case import check_layer

from facemtl.errors import InputError
from facemtl.layers import CrossStitch, Twin, WeightRegularization
from facemtl.models import FaceNetwork
from facemtl.tasks import LANDMARKS, SMILE

RNG = np.random.default_rng(0)
A, B = (0.8, 1.3, -0.4), (0.05, -0.1, 0.2)


def random_kernels(streams: int = 2, size: float = 0.3) -> list:
    shapes = [(3, 2, 4), (4, 5)]
    return [
        [size * RNG.normal(size=s).astype("float32") for s in shapes]
        for _ in range(streams)
    ]


def distance(first: list, second: list, a: float = 1, b: float = 0) -> float:
    """d of the paper, in float64."""
    flat = [np.concatenate([w.ravel() for w in x]) for x in (first, second)]
    one, two = (x.astype("float64") for x in flat)
    return float(np.linalg.norm(a * one + b - two) ** 2)


def mapped(layer: WeightRegularization, kernels: list) -> WeightRegularization:
    """The layer, built, with maps a and b that are not trivial."""
    layer(kernels)
    pairs = layer.a.shape[0]
    layer.a.assign(A[:pairs])
    layer.b.assign(B[:pairs])
    return layer


@pytest.mark.parametrize("streams", [2, 3])
@pytest.mark.parametrize("normalize", [False, True])
@pytest.mark.parametrize("form", ["l2", "exp"])
def test_agrees_with_numpy(form, normalize, streams):
    kernels = random_kernels(streams)
    layer = WeightRegularization(form, factor=0.5, normalize=normalize)
    expected = 0.0
    for pair, (first, second) in enumerate(combinations(kernels, 2)):
        d = distance(first, second, A[pair], B[pair])
        assert d < 30  # below the limit of exp
        if normalize:
            d /= sum(np.square(w).sum() for w in second)
        expected += d if form == "l2" else np.exp(d) - 1
    value = float(mapped(layer, kernels)(kernels))
    np.testing.assert_allclose(value, expected, rtol=1e-5)
    np.testing.assert_allclose(layer.losses, [0.5 * value], rtol=1e-6)


@pytest.mark.parametrize("form", ["l2", "exp"])
def test_equal_streams_cost_nothing(form):
    same = random_kernels(1)[0]
    layer = WeightRegularization(form, factor=10.0)
    assert float(layer([same, same])) == 0.0
    assert float(layer.losses[0]) == 0.0


def exp_term(d: float) -> tuple[float, float]:
    """r_w of the exponential form at distance d, and its gradient by b."""
    layer = WeightRegularization("exp")
    kernels = [[np.zeros(1, "float32")], [np.sqrt([d]).astype("float32")]]
    layer.build([[(1,)], [(1,)]])
    with tf.GradientTape() as tape:
        value = layer(kernels)
    return float(value), float(tape.gradient(value, layer.b.value)[0])


@pytest.mark.parametrize("d", [1e-6, 0.01, 1.0, 9.0, 29.9])
def test_exp_is_exact_below_the_limit(d):
    value, slope = exp_term(d)
    # float32 keeps d to 1e-7 of it, and exp multiplies that by d.
    np.testing.assert_allclose(value, np.expm1(d), rtol=1e-5)
    np.testing.assert_allclose(slope, -2 * np.sqrt(d) * np.exp(d), rtol=1e-5)


@pytest.mark.parametrize("d", [30.1, 88.0, 1e4, 1e8])
def test_exp_goes_on_as_its_tangent(d):
    value, slope = exp_term(d)
    tangent = np.expm1(30.0) + np.exp(30.0) * (d - 30.0)
    np.testing.assert_allclose(value, tangent, rtol=1e-5)
    expected = -2 * np.sqrt(d) * np.exp(30.0)
    np.testing.assert_allclose(slope, expected, rtol=1e-5)
    assert np.isfinite(np.float32(slope) ** 2)  # Adam keeps the square


def test_normalized_form_does_not_fall_with_the_weights():
    kernels = random_kernels()
    smaller = [[w / 2 for w in stream] for stream in kernels]
    raw = WeightRegularization("l2")
    assert float(raw(smaller)) == pytest.approx(float(raw(kernels)) / 4)
    fair = WeightRegularization("l2", normalize=True)
    assert float(fair(smaller)) == pytest.approx(float(fair(kernels)))


def test_a_fixed_map_is_not_learned():
    learned, fixed = (
        WeightRegularization(),
        WeightRegularization(linear_map=False),
    )
    for layer in (learned, fixed):
        layer(random_kernels())
        assert (layer.a.numpy(), layer.b.numpy()) == ([1.0], [0.0])
    assert [w.name for w in learned.trainable_weights] == ["map_a", "map_b"]
    assert fixed.trainable_weights == []


def test_factor_zero_pulls_at_nothing():
    layer = WeightRegularization("exp", factor=0.0)
    kernels = [[tf.constant(w) for w in x] for x in random_kernels()]
    with tf.GradientTape() as tape:
        tape.watch(kernels)
        assert float(layer(kernels)) > 0
        loss = layer.losses[0]
    assert float(loss) == 0.0
    for gradient in tf.nest.flatten(tape.gradient(loss, kernels)):
        assert not np.any(gradient)


def test_lambda_w_changes_the_loss_without_a_new_trace():
    term = WeightRegularization("l2", factor=0.25)
    twin = Twin(keras.layers.Dense(3), weight_regularization=term)
    streams = [np.ones((2, 4), "float32")] * 2
    twin(streams)  # a layer that makes its weights is traced twice
    traces = []

    @tf.function
    def loss():
        traces.append(1)
        twin(streams)
        return tf.add_n(twin.losses)

    first = float(loss())
    term.lambda_w.assign(0.75)
    assert float(loss()) == pytest.approx(3 * first)
    assert len(traces) == 1
    assert term.lambda_w.trainable is False


def stitched(**weight_regularization) -> FaceNetwork:
    return FaceNetwork(
        (LANDMARKS, SMILE),
        architecture="cross_stitch",
        width=0.1,
        weight_regularization={"layers": "all", **weight_regularization},
    )


def test_a_network_holds_a_loss_a_layer():
    network = stitched(form="l2", factor=0.1)
    image = np.zeros((1, 40, 40, 1), "uint8")
    network(image)
    twins = [network.get_layer(f"conv{i}") for i in (1, 2, 3, 4)]
    twins.append(network.get_layer("fc"))
    expected = []
    for twin in twins:
        one, two = ([np.asarray(w) for w in copy] for copy in twin.kernels)
        assert len(one) == len(two) == 1
        expected.append(0.1 * distance(one, two))
    np.testing.assert_allclose(network.losses, expected, rtol=1e-5)
    names = [twin.weight_regularization.name for twin in twins]
    assert names[0] == "conv1_regularization"
    assert len(set(names)) == 5


def test_omega_chooses_the_layers():
    network = stitched(form="exp", layers=["conv2", "fc"])
    network(np.zeros((1, 40, 40, 1), "uint8"))
    assert len(network.losses) == 2
    chosen = [
        layer.name
        for layer in network.layers
        if isinstance(layer, Twin) and layer.weight_regularization
    ]
    assert chosen == ["conv2", "fc"]


def test_switched_off_costs_nothing():
    network = stitched(form="none", factor=1.0)
    network(np.zeros((1, 40, 40, 1), "uint8"))
    assert network.losses == []
    parts = list(network._flatten_layers())
    assert any(isinstance(part, CrossStitch) for part in parts)
    assert not any(isinstance(part, WeightRegularization) for part in parts)
    names = {weight.name for weight in network.weights}
    assert not names & {"lambda_w", "map_a", "map_b"}


def test_is_not_rounded_under_mixed_precision():
    keras.config.set_dtype_policy("mixed_bfloat16")  # conftest puts it back
    term = WeightRegularization("l2", factor=1.0)
    twin = Twin(keras.layers.Dense(6), weight_regularization=term)
    streams = [np.ones((2, 5), "float32")] * 2
    twin(streams)
    term.a.assign([1.001])  # 1.0 in bfloat16
    twin(streams)
    value = twin.losses[0]
    one, two = ([np.asarray(w) for w in copy] for copy in twin.kernels)
    assert value.dtype == "float32"
    expected = distance(one, two, a=1.001)
    np.testing.assert_allclose(float(value), expected, rtol=1e-5)


def test_is_a_whole_layer(tmp_path):
    for form in ("l2", "exp"):
        for normalize in (False, True):
            term = WeightRegularization(
                form, factor=0.3, linear_map=False, normalize=normalize
            )
            config = term.get_config()
            again = WeightRegularization.from_config(config)
            assert again.get_config() == config
            values = {k: config[k] for k in ("form", "factor", "normalize")}
            assert values == {
                "form": form,
                "factor": 0.3,
                "normalize": normalize,
            }
            assert config["linear_map"] is False
    # As a part of a twin layer: file, gradients of a and b, precision.
    streams = [RNG.normal(size=(2, 4)).astype("float32") for _ in range(2)]
    check_layer(
        lambda: Twin(
            keras.layers.Dense(3),
            weight_regularization=WeightRegularization("exp", factor=0.1),
        ),
        streams,
        tmp_path,
    )


def test_messages():
    with pytest.raises(InputError) as error:
        WeightRegularization("l1")
    assert str(error.value) == (
        "Expected a form in ('l2', 'exp'). Received: 'l1'."
    )
    with pytest.raises(InputError) as error:
        WeightRegularization(factor=-0.1)
    assert str(error.value) == "Expected factor >= 0. Received: -0.1."
