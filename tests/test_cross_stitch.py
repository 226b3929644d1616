"""The cross-stitch unit against NumPy."""

import keras
import numpy as np
import pytest
from layer_case import check_layer

from facemtl.layers import CrossStitch

RNG = np.random.default_rng(0)


def random_streams(count: int, shape: tuple[int, ...]) -> list[np.ndarray]:
    return [RNG.normal(size=shape).astype("float32") for _ in range(count)]


@pytest.mark.parametrize("shape", [(4, 6), (2, 5, 3, 6)], ids=str)
@pytest.mark.parametrize("per_channel", [True, False])
@pytest.mark.parametrize("count", [2, 3])
def test_mixes_as_numpy(count, per_channel, shape):
    streams = random_streams(count, shape)
    unit = CrossStitch(per_channel=per_channel)
    unit(streams)
    assert unit.alpha.shape == (count, count, 6 if per_channel else 1)
    alpha = RNG.normal(size=unit.alpha.shape).astype("float32")
    unit.alpha.assign(alpha)
    whole = np.broadcast_to(alpha, (count, count, 6))
    expected = np.einsum("ijc,jb...c->ib...c", whole, np.stack(streams))
    mixed = unit(streams)
    assert len(mixed) == count
    for stream, numpy in zip(mixed, expected, strict=True):
        np.testing.assert_allclose(stream, numpy, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("count", [2, 3, 5])
@pytest.mark.parametrize("per_channel", [True, False])
def test_rows_sum_to_one_at_the_start(count, per_channel):
    unit = CrossStitch(per_channel=per_channel)
    unit.build([(None, 7)] * count)
    alpha = np.asarray(unit.alpha)
    np.testing.assert_allclose(alpha.sum(axis=1), 1.0, rtol=1e-6)
    own = np.eye(count, dtype=bool)
    np.testing.assert_allclose(alpha[own], 0.9, rtol=1e-6)
    np.testing.assert_allclose(alpha[~own], 0.1 / (count - 1), rtol=1e-6)


def test_starts_with_a_given_pair():
    unit = CrossStitch(alpha=(0.8, 0.3))
    unit.build([(None, 4)] * 2)
    expected = np.array([[0.8, 0.3], [0.3, 0.8]])[..., None]
    np.testing.assert_allclose(unit.alpha, np.tile(expected, 4), rtol=1e-6)


def test_starts_with_a_given_matrix():
    matrix = [[0.7, 0.2, 0.1], [0.0, 1.0, 0.0], [0.3, 0.3, 0.4]]
    unit = CrossStitch(alpha=matrix)
    unit.build([(None, 4)] * 3)
    expected = np.tile(np.array(matrix)[..., None], 4)
    np.testing.assert_allclose(unit.alpha, expected, rtol=1e-6)


@pytest.mark.parametrize("per_channel", [True, False])
def test_is_a_whole_layer(per_channel, tmp_path):
    streams = random_streams(3, (2, 4, 4, 5))
    check_layer(lambda: CrossStitch((0.8, 0.2), per_channel), streams, tmp_path)
    matrix = [[0.9, 0.1], [0.2, 0.8]]
    check_layer(lambda: CrossStitch(matrix), streams[:2], tmp_path)


@pytest.mark.parametrize(
    ("shapes", "received"),
    [
        ((2, 4), "(2, 4)"),
        ([(2, 4)], "[(2, 4)]"),
        ([(2, 4), (2, 5)], "[(2, 4), (2, 5)]"),
    ],
)
def test_wants_streams_of_one_shape(shapes, received):
    with pytest.raises(ValueError) as error:
        CrossStitch().build(shapes)
    assert str(error.value) == (
        "Expected a list of two or more streams of one shape. "
        f"Received: input_shape={received}"
    )


def test_wants_one_shape_when_called():
    streams = [np.ones((2, 4), "float32"), np.ones((2, 5), "float32")]
    with pytest.raises(ValueError, match="two or more streams of one shape"):
        CrossStitch()(streams)
    with pytest.raises(ValueError, match="two or more streams of one shape"):
        CrossStitch()(streams[0])


@pytest.mark.parametrize(
    ("alpha", "received"),
    [
        ([[0.5, 0.5], [0.5, 0.5]], "[[0.5, 0.5], [0.5, 0.5]]"),
        ([0.5, 0.25, 0.25], "[0.5, 0.25, 0.25]"),
    ],
)
def test_wants_a_matrix_that_fits(alpha, received):
    with pytest.raises(ValueError) as error:
        CrossStitch(alpha=alpha).build([(None, 4)] * 3)
    assert str(error.value) == (
        "Expected alpha as (own, other) or a 3 x 3 matrix. "
        f"Received: alpha={received}"
    )


def test_a_tuple_of_streams_is_as_good_as_a_list(tmp_path):
    streams = random_streams(2, (3, 4))
    unit = CrossStitch((0.7, 0.3))
    for one, other in zip(unit(streams), unit(tuple(streams)), strict=True):
        np.testing.assert_array_equal(one, other)
    places = [keras.Input((4,)) for _ in streams]
    model = keras.Model(places, CrossStitch((0.7, 0.3))(tuple(places)))
    model.save(tmp_path / "model.keras")
    read = keras.saving.load_model(tmp_path / "model.keras")
    for one, other in zip(unit(streams), read(streams), strict=True):
        np.testing.assert_array_equal(one, other)
    shapes = ((None, 4), (None, 4))
    assert unit.compute_output_shape(shapes) == list(shapes)
