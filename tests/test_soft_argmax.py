"""`SoftArgmax` and the heads made of it, against NumPy."""

import keras
import numpy as np
import pytest
from layer_case import check_layer

from facemtl.errors import InputError
from facemtl.layers import SoftArgmax
from facemtl.models import FaceNetwork, load_model
from facemtl.tasks import LANDMARKS, SMILE

RNG = np.random.default_rng(0)
MAPS = RNG.normal(size=(3, 4, 6, 2)).astype("float32")
CROPS = RNG.integers(0, 256, (3, 40, 40, 1)).astype("float32")


def test_agrees_with_the_formula():
    weight = np.exp(MAPS) / np.exp(MAPS).sum(axis=(1, 2), keepdims=True)
    x = (np.arange(6) + 0.5)[None, None, :, None] / 6
    y = (np.arange(4) + 0.5)[None, :, None, None] / 4
    expected = np.stack(
        [(weight * x).sum(axis=(1, 2)), (weight * y).sum(axis=(1, 2))], axis=-1
    )
    np.testing.assert_allclose(SoftArgmax()(MAPS), expected, atol=1e-6)


def test_a_point_follows_its_peak():
    peak = np.full((1, 5, 5, 2), -50.0, "float32")
    peak[0, 2, 4, 0] = peak[0, 0, 1, 1] = 50
    expected = [[[0.9, 0.5], [0.3, 0.1]]]
    np.testing.assert_allclose(SoftArgmax()(peak), expected, atol=1e-6)


def test_is_a_layer_like_any_other(tmp_path):
    check_layer(SoftArgmax, MAPS, tmp_path)


@pytest.mark.parametrize(
    ("architecture", "blocks"),
    [
        ("single", "residual"),
        ("split", "sun"),
        ("cross_stitch", "depthwise"),
        ("mtan", "tcdcn"),
        ("mmoe", "residual"),
    ],
)
def test_every_architecture_takes_it_and_survives_a_file(
    architecture, blocks, tmp_path
):
    tasks = (LANDMARKS,) if architecture == "single" else (LANDMARKS, SMILE)
    network = FaceNetwork(
        tasks,
        architecture=architecture,
        blocks=blocks,
        width=0.2,
        landmarks="heatmap",
    )
    answers = network(CROPS)
    assert tuple(answers["landmarks"].shape) == (3, 5, 2)
    network.save(tmp_path / "model.keras")
    read = load_model(tmp_path / "model.keras")
    assert read.get_config()["landmarks"] == "heatmap"
    for task, answer in answers.items():
        np.testing.assert_array_equal(answer, read(CROPS)[task])


def test_the_head_sees_every_stage():
    """A change of any stage's channels moves the points."""
    network = FaceNetwork(
        (LANDMARKS, SMILE), blocks="residual", width=0.2, landmarks="heatmap"
    )
    before = np.asarray(network(CROPS)["landmarks"])
    for name in ("from1", "from2", "from3", "from4", "whole"):
        kernel = network.get_layer(f"landmarks_{name}").kernel
        old = keras.ops.convert_to_numpy(kernel)
        kernel.assign(np.zeros_like(old))
        assert np.abs(network(CROPS)["landmarks"] - before).max() > 1e-7, name
        kernel.assign(old)


def test_a_call_that_does_not_say_so_is_no_training():
    network = FaceNetwork(
        (LANDMARKS, SMILE), blocks="residual", width=0.2, landmarks="heatmap"
    )
    said, unsaid = network(CROPS, training=False), network(CROPS)
    for task, answer in said.items():
        np.testing.assert_array_equal(answer, unsaid[task])


def test_an_unknown_form_is_told():
    with pytest.raises(InputError, match="'dense' or 'heatmap'"):
        FaceNetwork((LANDMARKS, SMILE), landmarks="heat")
