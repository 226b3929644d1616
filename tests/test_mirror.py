"""Answers averaged with the mirror image's."""

import keras
import numpy as np
import pytest

from facemtl.layers import MeanOfMirror
from facemtl.models import FaceNetwork
from facemtl.models.cost import multiply_adds
from facemtl.tasks import MTFL_TASKS, Task

TURN = Task("turn", "value", mirror=(-1,))
TASKS = (*MTFL_TASKS, TURN)
CROPS = np.random.default_rng(0).integers(0, 256, (3, 40, 40, 1), "uint8")


@pytest.fixture(scope="module")
def network():
    keras.utils.set_random_seed(0)
    return FaceNetwork(TASKS, architecture="cross_stitch", width=0.3)


def answers(network, crops=CROPS):
    return {k: np.array(y) for k, y in network(crops).items()}


def test_it_is_the_mean_of_both(network):
    plain, mirror = answers(network), answers(network, CROPS[:, :, ::-1])
    mean = answers(network.with_mirror())
    points = mirror["landmarks"][:, [1, 0, 2, 4, 3]] * [-1, 1] + [1, 0]
    expected = {"landmarks": points, "turn": -mirror["turn"]}
    expected["pose"] = mirror["pose"][:, ::-1]
    for task in TASKS:
        turned = expected.get(task.name, mirror[task.name])
        both = (plain[task.name] + turned) / 2
        np.testing.assert_allclose(mean[task.name], both, atol=1e-5)


def test_a_mirrored_face_gets_the_mirrored_answer(network):
    mirrored = network.with_mirror()
    one, other = answers(mirrored), answers(mirrored, CROPS[:, :, ::-1])
    np.testing.assert_allclose(one["turn"], -other["turn"], atol=1e-5)
    np.testing.assert_allclose(one["pose"], other["pose"][:, ::-1], atol=1e-5)


def test_it_costs_twice_and_is_kept(network, tmp_path):
    mirrored = network.with_mirror()
    assert multiply_adds(mirrored) == pytest.approx(
        2 * multiply_adds(network), rel=0.02
    )
    mirrored.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras", compile=False)
    for task, answer in answers(mirrored).items():
        np.testing.assert_allclose(answers(again)[task], answer, atol=1e-6)


def test_layer_config():
    layer = MeanOfMirror("landmarks", (1, 0))
    again = MeanOfMirror.from_config(layer.get_config())
    points = np.random.default_rng(1).random((4, 2, 2))
    np.testing.assert_array_equal(layer(points), again(points))
