"""Streams and units of the cross-stitch network."""

import keras
import numpy as np
import pytest

from facemtl.layers import CrossStitch
from facemtl.models import FaceNetwork
from facemtl.tasks import LANDMARKS, MTFL_TASKS, SMILE

IMAGES = np.random.default_rng(0).integers(0, 256, (4, 40, 40, 1), np.uint8)


def network(architecture, tasks=None, **settings):
    """A narrow network of the default tasks, the same at each call."""
    keras.utils.set_random_seed(0)
    tasks = tasks or ((LANDMARKS,) if architecture == "single" else MTFL_TASKS)
    return FaceNetwork(tasks, architecture=architecture, width=0.1, **settings)


def test_default_streams_are_landmarks_and_attributes():
    one = network("cross_stitch")
    units = [x.name for x in one.layers if isinstance(x, CrossStitch)]
    assert units == [
        "stitch_pool1",
        "stitch_pool2",
        "stitch_pool3",
        "stitch_fc",
    ]
    alpha = np.asarray(one.get_layer("stitch_fc").alpha)[..., 0]
    np.testing.assert_allclose(alpha, [[0.9, 0.1], [0.1, 0.9]], rtol=1e-6)
    # Cut apart, the attributes' stream has nothing to do with landmarks.
    for unit in units:
        set_alpha(one, unit, np.eye(2))
    before = one(IMAGES)
    for copy in ("conv1", "conv2", "conv3", "conv4", "fc"):
        second = one.get_layer(copy).copies[1]
        second.set_weights([2 * w + 1 for w in second.get_weights()])
    after = one(IMAGES)
    np.testing.assert_array_equal(before["landmarks"], after["landmarks"])
    for task in MTFL_TASKS[1:]:
        assert not np.array_equal(before[task.name], after[task.name])


def set_alpha(one, unit, matrix):
    alpha = one.get_layer(unit).alpha
    alpha.assign(np.broadcast_to(np.asarray(matrix)[..., None], alpha.shape))


@pytest.mark.parametrize("stage", ["pool1", "pool2", "pool3", "fc"])
def test_units_really_mix(stage):
    one = network("cross_stitch")
    before = one(IMAGES)
    set_alpha(one, f"stitch_{stage}", [[0.5, 0.5], [0.1, 0.9]])
    after = one(IMAGES)
    change = np.abs(after["landmarks"] - before["landmarks"]).max()
    assert change > 1e-4
    # And where only the second row changes, so do the attributes.
    set_alpha(one, f"stitch_{stage}", [[0.9, 0.1], [0.8, 0.2]])
    other = one(IMAGES)
    assert np.abs(other["pose"] - before["pose"]).max() > 1e-4


def test_stages_alpha_and_channels_follow_the_settings():
    matrix = [[0.6, 0.4], [0.3, 0.7]]
    stitch = {"stages": ["pool2", "fc"], "alpha": matrix, "per_channel": False}
    one = network("cross_stitch", stitch=stitch)
    units = [x for x in one.layers if isinstance(x, CrossStitch)]
    assert [unit.name for unit in units] == ["stitch_pool2", "stitch_fc"]
    for unit in units:
        np.testing.assert_allclose(unit.alpha[..., 0], matrix, rtol=1e-6)
        assert unit.alpha.shape == (2, 2, 1)
    plain = network("cross_stitch", stitch={"stages": []})
    assert not [x for x in plain.layers if isinstance(x, CrossStitch)]


def test_single_streams_of_a_cross_stitch_network_are_single_networks():
    """Without units, a stream answers as the single network of its weights."""
    joined = network(
        "cross_stitch",
        tasks=(LANDMARKS, SMILE),
        stitch={"stages": []},
    )
    alone = network("single")
    for layer in alone.layers:
        if layer.weights:
            twin = joined.get_layer(layer.name)
            source = twin if layer.name == "landmarks_fc" else twin.copies[0]
            layer.set_weights(source.get_weights())
    np.testing.assert_allclose(
        alone(IMAGES)["landmarks"], joined(IMAGES)["landmarks"], rtol=1e-6
    )
