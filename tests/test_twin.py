"""`Twin`: a layer once a stream."""

import keras
import numpy as np
import pytest
from layer_case import check_layer

from facemtl.layers import ResidualBlock, Twin, WeightRegularization

RNG = np.random.default_rng(0)


def random_streams(count: int, shape: tuple[int, ...]) -> list[np.ndarray]:
    return [RNG.normal(size=shape).astype("float32") for _ in range(count)]


def test_copies_have_names_and_weights_of_their_own():
    twin = Twin(keras.layers.Dense(3, name="fc"), streams=3)
    twin(random_streams(3, (2, 4)))
    names = [copy.name for copy in twin.copies]
    assert names == ["fc_stream1", "fc_stream2", "fc_stream3"]
    kernels = [np.asarray(copy.kernel) for copy in twin.copies]
    assert len(twin.trainable_weights) == 6
    for i, j in ((0, 1), (0, 2), (1, 2)):
        assert not np.array_equal(kernels[i], kernels[j])
    twin.copies[0].kernel.assign(np.zeros((4, 3)))
    np.testing.assert_array_equal(twin.copies[1].kernel, kernels[1])
    assert len({weight.path for weight in twin.weights}) == 6


@pytest.mark.parametrize("count", [2, 3])
def test_equals_layers_applied_apart(count):
    layer = keras.layers.Conv2D(5, 3, activation="relu")
    twin = Twin(layer, streams=count)
    streams = random_streams(count, (2, 6, 6, 2))
    answers = twin(streams)
    assert len(answers) == count
    for copy, stream, answer in zip(twin.copies, streams, answers, strict=True):
        apart = keras.layers.Conv2D(5, 3, activation="relu")
        apart.build(stream.shape)
        apart.set_weights(copy.get_weights())
        np.testing.assert_array_equal(answer, apart(stream))


def test_training_reaches_batch_normalization():
    twin = Twin(keras.layers.BatchNormalization(momentum=0.5))
    streams = [3 + 2 * x for x in random_streams(2, (64, 4))]
    as_is = twin(streams, training=False)
    for copy, stream, answer in zip(twin.copies, streams, as_is, strict=True):
        # Moving mean 0 and variance 1 at the start.
        np.testing.assert_allclose(answer, stream / np.sqrt(1.001), rtol=1e-5)
        assert not np.any(copy.moving_mean)
    normalized = twin(streams, training=True)
    for copy, stream, answer in zip(
        twin.copies, streams, normalized, strict=True
    ):
        np.testing.assert_allclose(np.mean(answer, 0), 0, atol=1e-5)
        np.testing.assert_allclose(np.std(answer, 0), 1, atol=1e-3)
        mean = 0.5 * stream.mean(axis=0)
        np.testing.assert_allclose(copy.moving_mean, mean, rtol=1e-4)


def test_kernels_are_weights_of_two_or_more_axes():
    twin = Twin(ResidualBlock(4))
    twin(random_streams(2, (1, 6, 6, 2)))
    shapes = [[tuple(w.shape) for w in copy] for copy in twin.kernels]
    assert shapes == [[(3, 3, 2, 4), (3, 3, 4, 4), (3, 3, 4, 4)]] * 2


@pytest.mark.parametrize(
    "make",
    [
        lambda: keras.layers.Dense(3),
        lambda: ResidualBlock(3),
        lambda: keras.layers.MaxPooling2D(),
        lambda: keras.layers.BatchNormalization(),
    ],
    ids=["dense", "residual", "pooling", "normalization"],
)
def test_is_a_whole_layer(make, tmp_path):
    streams = random_streams(3, (4, 6, 6, 2))
    check_layer(lambda: Twin(make(), streams=3), streams, tmp_path)


def test_keeps_its_regularization_in_a_file(tmp_path):
    term = WeightRegularization("exp", factor=0.2, normalize=True)
    layer = keras.layers.Dense(3)
    twin = Twin(layer, weight_regularization=term)
    again = Twin.from_config(twin.get_config())
    assert again.weight_regularization.get_config() == term.get_config()
    streams = random_streams(2, (2, 4))
    check_layer(
        lambda: Twin(
            keras.layers.Dense(3),
            weight_regularization=WeightRegularization("exp", factor=0.2),
        ),
        streams,
        tmp_path,
    )
    assert Twin.from_config(Twin(layer).get_config()).losses == []


@pytest.mark.parametrize("built", [False, True], ids=["new", "built"])
def test_wants_as_many_streams_as_it_has(built):
    twin = Twin(keras.layers.Dense(3), streams=2)
    streams = random_streams(3, (2, 4))
    if built:
        twin(streams[:2])
    with pytest.raises(ValueError) as error:
        twin(streams)
    assert "Expected a list of 2 streams. Received: 3" in str(error.value)


def test_a_tuple_of_streams_is_as_good_as_a_list():
    streams = random_streams(2, (2, 4))
    twin = Twin(keras.layers.Dense(3))
    for one, other in zip(twin(tuple(streams)), twin(streams), strict=True):
        np.testing.assert_array_equal(one, other)
    shapes = ((None, 4), (None, 4))
    assert twin.compute_output_shape(shapes) == [(None, 3), (None, 3)]
    built = Twin(keras.layers.Dense(3))
    built.build(shapes)
    assert len(built.weights) == 4


@pytest.mark.parametrize("shape", [(2, 4), [2, 4], [None, 4]], ids=str)
def test_one_tensors_shape_is_no_list_of_shapes(shape):
    with pytest.raises(ValueError, match="Received: one tensor"):
        Twin(keras.layers.Dense(3)).build(shape)


def test_wants_a_list():
    with pytest.raises(ValueError) as error:
        Twin(keras.layers.Dense(3))(random_streams(1, (2, 4))[0])
    assert "Expected a list of 2 streams." in str(error.value)
