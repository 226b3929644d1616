"""How the trainer calls its steps: once in a graph, ten a call."""

import keras
import numpy as np
import pytest

import facemtl
from facemtl.pipeline.crop_cache import CachePlan
from facemtl.training import compiled, trainer
from facemtl.training.learner import Learner
from facemtl.training.preparation import augment_border, build_network

SETTINGS = ["train.epochs=2", "train.batch_size=4", "model.width=0.1"]


@pytest.fixture(scope="module")
def crops():
    """26 training faces, which are six steps of four, and 5 others."""
    faces = facemtl.synthetic_faces(31)
    settings = facemtl.load_settings("split", settings=SETTINGS)
    border = augment_border(settings.augment)
    spec = facemtl.CropSpec(size=40)
    rows = np.arange(31)
    return settings, [
        facemtl.crop_faces(part, CachePlan(spec, share), verbose=0)
        for part, share in (
            (faces.select(rows < 26), border),
            (faces.select(rows >= 26), 0.0),
        )
    ]


def fitted(crops, folder, monkeypatch, steps_per_call):
    """A trained network, its learner's traced steps, and its average."""
    monkeypatch.setattr(compiled, "STEPS_PER_CALL", steps_per_call)
    traced, averages = [], []
    step, average = Learner.train_step, trainer.cb.WeightAverage
    monkeypatch.setattr(
        Learner, "train_step", lambda *x: traced.append(1) or step(*x)
    )
    monkeypatch.setattr(
        trainer.cb,
        "WeightAverage",
        lambda *x: averages.append(average(*x)) or averages[-1],
    )
    settings, parts = crops
    keras.utils.set_random_seed(0)
    tasks = facemtl.MTFL_TASKS
    network = build_network(settings, tasks, {})
    trainer.fit_network(network, *parts, settings, folder, verbose=0)
    monkeypatch.undo()
    return network, len(traced), averages[0]


@pytest.mark.slow
def test_steps_that_share_a_call_are_the_same_steps(
    crops, tmp_path, monkeypatch
):
    """Ten steps a call do not run past the six steps of an epoch."""
    found = []
    for many in (1, 4, 10):
        folder = tmp_path / str(many)
        folder.mkdir()
        network, traced, average = fitted(crops, folder, monkeypatch, many)
        assert traced == 1
        assert float(average.steps) == 12.0
        weights = [*network.get_weights(), *map(np.asarray, average.averages)]
        found.append(weights)
    for weights in found[1:]:
        for one, other in zip(weights, found[0], strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)
