"""Every layer of facemtl.mtl by Keras's own layer checks, and by NumPy."""

import keras
import numpy as np
import pytest
from keras.src import testing
from mtl_case import RNG, numpy

from facemtl.layers import (
    AbsTanh,
    BatchNormalization,
    ConvMaxPool,
    ResidualBlock,
    SoftArgmax,
)
from facemtl.mtl import (
    NDDR,
    CrossStitch,
    DepthMixture,
    MMoE,
    Sluice,
    SubspaceOrthogonality,
    TaskAttention,
    Twin,
    WeightRegularization,
)

Dense = keras.layers.Dense
CONV = keras.layers.Conv2D(4, 3, 2, "same")
TWO, MAPS = [(2, 6), (2, 6)], [(2, 4, 4, 6)] * 2
# {name: (class, arguments, input shapes, output shapes)}
LAYERS = {
    "stitch": (CrossStitch, {"alpha": (0.8, 0.2)}, TWO, TWO),
    "stitch of maps": (CrossStitch, {"per_channel": False}, MAPS, MAPS),
    "nddr": (NDDR, {"weight_decay": 0.1}, MAPS, MAPS),
    "nddr of three": (
        NDDR,
        {"normalization": False},
        [*TWO, (2, 6)],
        3 * TWO[:1],
    ),
    "sluice": (Sluice, {"subspaces": 3}, MAPS, MAPS),
    "depths": (DepthMixture, {}, TWO, (2, 6)),
    "attention": (TaskAttention, {"tasks": 2}, MAPS, MAPS),
    "attention with what was before": (
        TaskAttention,
        {"tasks": 2, "carry": CONV},
        [*MAPS, (2, 8, 8, 3), (2, 8, 8, 3)],
        MAPS,
    ),
    "mmoe": (MMoE, {"expert": Dense(5), "tasks": 3}, (2, 6), 3 * [(2, 5)]),
    "mmoe of maps": (MMoE, {"expert": CONV}, (2, 4, 4, 3), 2 * [(2, 2, 2, 4)]),
    "twin of LSTMs": (
        Twin,
        {"layer": keras.layers.LSTM(3)},
        2 * [(2, 5, 6)],
        2 * [(2, 3)],
    ),
    "twin": (Twin, {"layer": Dense(3)}, TWO, 2 * [(2, 3)]),
    "twin with alike weights": (
        Twin,
        {"layer": Dense(3), "weight_regularization": WeightRegularization()},
        TWO,
        2 * [(2, 3)],
    ),
    "conv and pool": (
        ConvMaxPool,
        {"filters": 4, "kernel_size": 3},
        (2, 8, 8, 3),
        (2, 3, 3, 4),
    ),
    "residual": (ResidualBlock, {"filters": 4}, (2, 8, 8, 3), (2, 4, 4, 4)),
    "normalization": (BatchNormalization, {}, (2, 4, 4, 3), (2, 4, 4, 3)),
    "arg max": (SoftArgmax, {}, (2, 8, 8, 5), (2, 5, 2)),
    "tanh": (AbsTanh, {}, (2, 6), (2, 6)),
}
UNTRAINED = ("arg max", "tanh")


@pytest.mark.parametrize("name", LAYERS)
def test_keras_checks(name):
    kind, words, inputs, outputs = LAYERS[name]
    case = testing.TestCase()
    case.setUp()
    case.run_layer_test(
        kind,
        init_kwargs=words,
        input_shape=inputs,
        expected_output_shape=outputs,
        run_training_check=False,
        # Copies have policies of their own.
        run_mixed_precision_check=kind not in (Twin, MMoE),
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", [x for x in LAYERS if x not in UNTRAINED])
def test_every_weight_is_trained(name):
    kind, words, inputs, _ = LAYERS[name]
    keras.utils.set_random_seed(0)
    listed = isinstance(inputs, list)
    shapes = inputs if listed else [inputs]
    places = [keras.Input(shape[1:]) for shape in shapes]
    outputs = kind(**words)(places if listed else places[0])
    outputs = outputs if isinstance(outputs, list) else [outputs]
    model = keras.Model(places, outputs)
    before = [numpy(w) for w in model.trainable_weights]
    sgd = keras.optimizers.SGD(1.0)
    model.compile(sgd, ["mse"] * len(outputs), run_eagerly=True)
    x = [RNG.normal(size=(8, *s[1:])).astype("float32") for s in shapes]
    y = [RNG.normal(size=(8, *o.shape[1:])).astype("float32") for o in outputs]
    model.fit(x, y, verbose=0)
    assert before
    for old, weight in zip(before, model.trainable_weights, strict=True):
        # A bias before a normalization has no effect.
        if "bias" in weight.path and kind in (NDDR, TaskAttention):
            continue
        assert not np.array_equal(old, numpy(weight)), weight.path


def streams(shape=(4, 6), count=2):
    return [RNG.normal(size=shape).astype("float32") for _ in range(count)]


@pytest.mark.parametrize("count", [2, 3])
def test_nddr_is_a_matrix_product(count):
    x = streams((4, 3, 6), count)
    layer = NDDR(own=0.8, other=0.3, normalization=False)
    first = layer(x)
    mean = sum(x[1:]) / (count - 1)
    np.testing.assert_allclose(
        numpy(first[0]), 0.8 * x[0] + 0.3 * mean, atol=1e-5
    )
    kernel = RNG.normal(size=layer.kernel.shape).astype("float32")
    layer.kernel.assign(kernel)
    every = np.concatenate(x, axis=-1)
    for i, mixed in enumerate(layer(x)):
        np.testing.assert_allclose(
            numpy(mixed), every @ kernel[i], rtol=1e-4, atol=1e-4
        )


def test_sluice_mixes_blocks_of_channels():
    x, layer = streams(), Sluice(subspaces=2)
    layer(x)
    alpha = RNG.normal(size=(4, 4, 1)).astype("float32")
    layer.alpha.assign(alpha)
    blocks = [half for y in x for half in np.split(y, 2, axis=-1)]
    mixed = [
        sum(alpha[i, j, 0] * blocks[j] for j in range(4)) for i in range(4)
    ]
    for i, y in enumerate(layer(x)):
        np.testing.assert_allclose(
            numpy(y),
            np.concatenate(mixed[2 * i : 2 * i + 2], -1),
            rtol=1e-4,
            atol=1e-5,
        )


def test_orthogonality_is_the_norm_of_the_products():
    kernel = RNG.normal(size=(3, 3, 2, 8)).astype("float32")
    left, right = np.split(kernel.reshape(-1, 8), 2, axis=-1)
    found = numpy(SubspaceOrthogonality(0.1)(kernel))
    np.testing.assert_allclose(
        found, 0.1 * ((left.T @ right) ** 2).sum(), rtol=1e-4
    )


def test_mmoe_is_the_gated_sum_of_its_experts():
    x, layer = streams(count=1)[0], MMoE(Dense(5), experts=3, tasks=2)
    outputs = layer(x)
    experts = np.stack([numpy(copy(x)) for copy in layer.copies], axis=1)
    scores = (x @ numpy(layer.gates)).reshape(4, 2, 3)
    shares = np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)
    expected = np.einsum("bte,bec->btc", shares, experts)
    for k, y in enumerate(outputs):
        np.testing.assert_allclose(
            numpy(y), expected[:, k], rtol=1e-4, atol=1e-5
        )


def test_attention_masks_the_features():
    u, p = streams((4, 5, 6))
    layer = TaskAttention(tasks=2)
    outputs = layer([u, p])
    dense1, norm1, _, dense2, *_ = layer.mask1
    keep = 1 / np.sqrt(1 + norm1.epsilon)  # of moments as initialized
    x = np.maximum((u @ numpy(dense1.kernel)) * keep, 0)
    mask = 1 / (1 + np.exp(-(x @ numpy(dense2.kernel)) * keep))
    np.testing.assert_allclose(
        numpy(outputs[0]), mask * p, rtol=1e-4, atol=1e-5
    )
    assert not np.allclose(numpy(outputs[0]), numpy(outputs[1]))


@pytest.mark.parametrize("form", ["l2", "exp"])
def test_weight_regularization(form):
    one, other = streams((3, 2))
    layer = WeightRegularization(form, factor=0.5)
    distance = ((one - other) ** 2).sum()
    expected = distance if form == "l2" else np.expm1(distance)
    small = [[0.1 * one], [0.1 * other]]
    distance = 0.01 * distance
    expected = distance if form == "l2" else np.expm1(distance)
    np.testing.assert_allclose(numpy(layer(small)), expected, rtol=1e-4)
    np.testing.assert_allclose(numpy(layer.losses[0]), expected / 2, rtol=1e-4)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: NDDR()([np.ones((2, 3))]), "two or more streams of one shape"),
        (lambda: Sluice()(streams((2, 5))), "divide by 2 subspaces"),
        (lambda: DepthMixture()([np.ones((2, 3))]), "two or more depths"),
        (lambda: MMoE("dense"), "Expected expert as a Keras layer"),
        (lambda: MMoE(Dense(1), experts=1), "experts as an integer >= 2"),
        (lambda: TaskAttention(2)(np.ones((2, 3))), "Received: one tensor"),
        (lambda: TaskAttention(2)(streams(count=3)), "2 or 4 tensors"),
        (lambda: NDDR(own="much"), "own as a number"),
    ],
)
def test_wrong_inputs_are_one_line(make, said):
    with pytest.raises(ValueError, match=said) as error:
        make()
    assert "\n" not in str(error.value)
