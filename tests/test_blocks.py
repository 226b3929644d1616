"""The stacks of layers are those of the papers."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from facemtl.layers import AbsTanh
from facemtl.models import FaceNetwork
from facemtl.models.blocks import BLOCKS, CHANNELS
from facemtl.tasks import LANDMARKS, MTFL_TASKS, SMILE

IMAGES = np.random.default_rng(0).integers(0, 256, (4, 40, 40, 1), np.uint8)


def test_the_stack_is_that_of_tcdcn():
    one = FaceNetwork(MTFL_TASKS, architecture="split", normalization=False)
    kernels = {
        w.path: tuple(w.shape)
        for w in one.weights
        if w.name == "kernel" and "conv" in w.path
    }
    assert kernels == {
        "conv1/kernel": (5, 5, 1, 16),
        "conv2/kernel": (3, 3, 16, 48),
        "conv3/kernel": (3, 3, 48, 64),
        "conv4/kernel": (2, 2, 64, 64),
    }
    assert tuple(one.get_layer("fc").kernel.shape) == (2 * 2 * 64, 100)
    convolutions = [
        (k * k * i + 1) * o
        for k, i, o in [(5, 1, 16), (3, 16, 48), (3, 48, 64), (2, 64, 64)]
    ]
    heads = 101 * (10 + 2 + 2 + 2 + 5)
    assert one.count_params() == sum(convolutions) + 257 * 100 + heads


def test_the_papers_activation_comes_before_pooling():
    one = FaceNetwork(
        (LANDMARKS, SMILE),
        width=0.2,
        activation="abs_tanh",
        normalization=False,
    )
    x = one.get_layer("scale")(IMAGES)
    for i in (1, 2, 3, 4):
        conv = one.get_layer(f"conv{i}")
        kernel, bias = (np.asarray(w) for w in conv.weights)
        x = np.abs(np.tanh(tf.nn.conv2d(x, kernel, 1, "VALID") + bias))
        if i < 4:
            x = tf.nn.max_pool2d(x, 2, 2, "VALID")
    kernel, bias = one.get_layer("fc").get_weights()
    x = np.abs(np.tanh(np.reshape(x, (4, -1)) @ kernel + bias))
    kernel, bias = one.get_layer("landmarks_fc").get_weights()
    points = (x @ kernel + bias).reshape(4, 5, 2)
    answer = one(IMAGES)["landmarks"]
    np.testing.assert_allclose(answer, points, rtol=1e-4, atol=1e-5)
    found = AbsTanh()(np.array([-0.5, 0.0, 2.0], "float32"))
    np.testing.assert_allclose(found, np.abs(np.tanh([-0.5, 0, 2])), rtol=1e-6)


def test_width_widens_every_layer():
    narrow = FaceNetwork((LANDMARKS,), architecture="single", width=0.5)
    wide = FaceNetwork((LANDMARKS,), architecture="single", width=1.5)
    for name, channels in (("conv2", 48), ("conv4", 64), ("fc", 100)):
        for one, width in ((narrow, 0.5), (wide, 1.5)):
            kernel = one.get_layer(name).kernel
            assert kernel.shape[-1] == round(channels * width)


@pytest.mark.parametrize("blocks", BLOCKS)
def test_the_fully_connected_layer_is_normalized_where_asked(blocks):
    faces = np.random.default_rng(0).integers(0, 256, (64, 40, 40, 1), "u1")
    own = FaceNetwork((LANDMARKS, SMILE), blocks=blocks, fc_normalization=True)
    # What would leave every unit dead: they are below zero for any face.
    fc = own.get_layer("fc")
    fc.bias.assign(np.full(fc.units, -1e3))
    units = keras.Model(own.inputs[0], own.get_layer("act_fc").output)
    assert (units(faces, training=True).numpy() > 0).any(axis=0).all()
    again = FaceNetwork.from_config(own.get_config())
    assert again.count_params() == own.count_params()
    plain = FaceNetwork((LANDMARKS, SMILE), blocks=blocks)
    assert own.count_params() == plain.count_params() + 4 * fc.units


@pytest.mark.parametrize("blocks", BLOCKS)
def test_own_channels_are_those_of_every_layer(blocks):
    own = [8, 16, 24, 32, 40]
    one = FaceNetwork((LANDMARKS, SMILE), blocks=blocks, channels=own)
    ends = [one.get_layer(f"conv{i}").output.shape[-1] for i in (1, 2, 3, 4)]
    assert [*ends, one.get_layer("fc").units] == own
    again = FaceNetwork.from_config(one.get_config())
    assert again.count_params() == one.count_params()


def test_channels_of_all_blocks_are_width_one():
    for blocks, channels in CHANNELS.items():
        plain = FaceNetwork(MTFL_TASKS, blocks=blocks)
        named = FaceNetwork(MTFL_TASKS, blocks=blocks, channels=channels)
        assert plain.count_params() == named.count_params()


def test_the_stack_is_that_of_the_first_project():
    """39x39 pixels: 18, 8, 3 and 2 a side after its convolutions."""
    one = FaceNetwork(
        (LANDMARKS,),
        {"size": 39},
        architecture="single",
        blocks="sun",
        normalization=False,
    )
    shapes = [(4, 4, 1, 20), (3, 3, 20, 40), (3, 3, 40, 60), (2, 2, 60, 80)]
    for i, shape in enumerate(shapes, start=1):
        assert tuple(one.get_layer(f"conv{i}").kernel.shape) == shape
    assert tuple(one.get_layer("fc").kernel.shape) == (2 * 2 * 80, 120)
    sizes = [one.get_layer(f"max{i}").output.shape[1] for i in (1, 2, 3)]
    assert sizes == [18, 8, 3]
