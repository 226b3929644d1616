"""The tasks' losses together, in a network that is trained."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from facemtl.config import load_settings
from facemtl.models import FaceNetwork
from facemtl.tasks import LANDMARKS, MTFL_TASKS, SMILE
from facemtl.training.learner import Learner
from facemtl.training.losses import AttributeLoss, LandmarkLoss
from facemtl.training.task_losses import task_losses
from facemtl.training.weighting import FixedWeighting

RNG = np.random.default_rng(0)


def gradients(tasks, network, batch, missing=()):
    """{weight path: gradient} of the total loss over some tasks."""
    x, y, weight = batch
    weight = {t: w * (t not in missing) for t, w in weight.items()}
    settings = load_settings().loss
    names = [task.name for task in tasks]
    losses = task_losses(tasks, y, settings)
    learner = Learner(network, losses, FixedWeighting(names))
    with tf.GradientTape() as tape:
        answers = network(x, training=True)
        loss = learner.compute_loss(x, y, answers, weight)
    found = tape.gradient(loss, [w.value for w in network.trainable_weights])
    return {
        weight.path: gradient
        for weight, gradient in zip(
            network.trainable_weights, found, strict=True
        )
    }


@pytest.fixture(scope="module")
def split_and_batch():
    keras.utils.set_random_seed(0)
    network = FaceNetwork(MTFL_TASKS, architecture="split", width=0.2)
    n = 6
    x = RNG.integers(0, 256, (n, 40, 40, 1)).astype("float32")
    y = {"landmarks": RNG.uniform(size=(n, 5, 2)).astype("float32")}
    for task in MTFL_TASKS[1:]:
        y[task.name] = RNG.integers(0, task.size, n).astype("int32")
    weight = {task.name: np.ones(n, "float32") for task in MTFL_TASKS}
    weight["glasses"] = np.array([1, 0, 1, 1, 0, 1], "float32")
    return network, (x, y, weight)


@pytest.mark.parametrize("missing", ["landmarks", "pose"])
def test_a_task_without_labels_leaves_a_whole_network_alone(
    split_and_batch, missing
):
    network, batch = split_and_batch
    rest = tuple(task for task in MTFL_TASKS if task.name != missing)
    silent = gradients(MTFL_TASKS, network, batch, missing=[missing])
    absent = gradients(rest, network, batch)
    own = [path for path in silent if path.startswith(missing)]
    assert own
    for path, gradient in silent.items():
        if path in own:
            assert not np.any(gradient), path
            assert absent[path] is None
        else:
            assert np.any(gradient), path
            np.testing.assert_allclose(
                gradient, absent[path], rtol=0, atol=1e-7, err_msg=path
            )


def test_an_unlabelled_face_leaves_a_whole_network_alone(split_and_batch):
    """What an unlabelled face's filled label says makes no difference."""
    network, (x, y, weight) = split_and_batch
    other = np.where(weight["glasses"] > 0, y["glasses"], 1 - y["glasses"])
    assert (other != y["glasses"]).any()
    one = gradients(MTFL_TASKS, network, (x, y, weight))
    two = gradients(MTFL_TASKS, network, (x, {**y, "glasses": other}, weight))
    for path, gradient in one.items():
        np.testing.assert_array_equal(gradient, two[path], err_msg=path)


def test_the_total_is_the_weighted_sum():
    network = FaceNetwork((LANDMARKS, SMILE), width=0.1)
    x = RNG.integers(0, 256, (3, 40, 40, 1)).astype("float32")
    y = {
        "landmarks": RNG.uniform(size=(3, 5, 2)).astype("float32"),
        "smile": np.array([0, 1, 0], "int32"),
    }
    weight = {task: np.ones(3, "float32") for task in y}
    losses = {"landmarks": LandmarkLoss(), "smile": AttributeLoss()}
    weighting = FixedWeighting(list(losses), {"smile": 0.25})
    learner = Learner(network, losses, weighting)
    answers = network(x)
    total = learner.compute_loss(x, y, answers, weight)
    parts = [float(losses[task](y[task], answers[task])) for task in losses]
    assert float(total) == pytest.approx(parts[0] + 0.25 * parts[1], rel=1e-6)
