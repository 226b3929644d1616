"""Networks, faces and checks of the callbacks' tests."""

import numpy as np

from facemtl.models import FaceNetwork
from facemtl.tasks import LANDMARKS, SMILE

RNG = np.random.default_rng(0)
TASKS = ("landmarks", "smile")
IMAGES = RNG.integers(0, 256, (6, 40, 40, 1)).astype("float32")
LABELS = {
    "landmarks": RNG.uniform(size=(6, 5, 2)).astype("float32"),
    "smile": np.array([0, 1, 1, 0, 1, 0], "int32"),
}
KNOWN = {task: np.ones(6, "float32") for task in TASKS}


def network(**settings):
    return FaceNetwork((LANDMARKS, SMILE), width=0.1, **settings)


def stitched(**regularization):
    return network(
        architecture="cross_stitch",
        weight_regularization={
            "form": "l2",
            "layers": ["conv2", "fc"],
            **regularization,
        },
    )


def randomize(model):
    """New values for all weights; returns them."""
    values = [RNG.uniform(0.1, 1, w.shape) for w in model.weights]
    model.set_weights(values)
    return [value.astype("float32") for value in values]


def assert_weights(model, expected, **tolerance):
    found = model.get_weights()
    for weight, value in zip(found, expected, strict=True):
        np.testing.assert_allclose(weight, value, **tolerance)


def set_head(model, task, value):
    head = model.get_layer(task)
    head.set_weights([np.full(w.shape, value) for w in head.weights])
