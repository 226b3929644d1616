"""`facemtl fit` under this backend. `tests/backends.sh` names this file.

Pytest does not find it by its name: it needs the backend and facemtl's extra
`train` in one environment.
"""

import csv
import json
import os
import subprocess
import sys

import keras
import numpy as np
import pytest

import facemtl
from facemtl.fine_tuning import start_config
from facemtl.models import FaceNetwork, load_model
from facemtl.training import callbacks
from facemtl.training.callbacks import WeightAverage
from facemtl.training.learner import Learner
from facemtl.training.losses import AttributeLoss
from facemtl.training.weighting import FixedWeighting

BACKEND = keras.backend.backend()
TASKS = facemtl.MTFL_TASKS
SMILE = next(task for task in TASKS if task.name == "smile")
SETTINGS = (
    *("data.source=synthetic", "data.faces=40", "data.validation=20"),
    *("train.batch_size=20", "train.epochs=2", "model.width=0.25"),
)


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    """An untrained network of two stitched streams."""
    file = tmp_path_factory.mktemp("start") / "start.keras"
    keras.utils.set_random_seed(1)
    first, *others = (task.name for task in TASKS)
    FaceNetwork(
        TASKS,
        architecture="cross_stitch",
        streams=[[first], others],
        stitch={"stages": ["pool3"]},
        width=0.25,
    ).save(file)
    return file


def history(folder):
    with (folder / "history.csv").open() as lines:
        return list(csv.DictReader(lines))


def test_it_trains_as_under_tensorflow(start, tmp_path):
    """From the same weights, on the same batches, both runs are alike."""
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    settings = SETTINGS[:-1]
    report = facemtl.train(
        start_config(str(start), settings=settings), ours, verbose=0
    )
    assert report["backend"] == BACKEND in report["versions"]
    words = [word for x in settings for word in ("--set", x)]
    command = [sys.executable, "-m", "facemtl.fit", *words]
    subprocess.run(
        [*command, "--from", str(start), "--out", str(theirs)],
        env={**os.environ, "KERAS_BACKEND": "tensorflow"},
        check=True,
        capture_output=True,
    )
    for one, other in zip(history(ours), history(theirs), strict=True):
        for name in ("loss", "landmarks_loss", "val_landmarks_loss"):
            found, expected = float(one[name]), float(other[name])
            assert found == pytest.approx(expected, rel=0.02), name
    other = json.loads((theirs / "report.json").read_text())
    assert other["backend"] == "tensorflow"


def test_a_run_that_was_cut_off_ends_as_a_whole_one(tmp_path, monkeypatch):
    settings = (*SETTINGS, "stopping.method=threshold")
    config = facemtl.load_config("cross_stitch_regularized", settings=settings)
    facemtl.train(config, tmp_path / "whole", verbose=0)

    def cut(self, epoch, logs=None):
        if epoch == 1:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(callbacks.UpdateWeighting, "on_epoch_begin", cut)
        with pytest.raises(KeyboardInterrupt):
            facemtl.train(config, tmp_path / "cut", verbose=0)
    assert len(history(tmp_path / "cut")) == 1
    facemtl.train(config, tmp_path / "cut", resume=True, verbose=0)
    one, other = (
        load_model(tmp_path / name).get_weights() for name in ("whole", "cut")
    )
    for a, b in zip(one, other, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


def test_the_average_of_the_weights_is_numpys():
    keras.utils.set_random_seed(0)
    network = FaceNetwork((SMILE,), width=0.1)
    average = WeightAverage(network, 0.5)
    learner = Learner(
        network,
        {"smile": AttributeLoss()},
        FixedWeighting(["smile"]),
        in_step=[average],
    )
    learner.compile("sgd", jit_compile=BACKEND == "jax")
    expected = network.get_weights()
    x, y = np.ones((4, 40, 40, 1)), {"smile": np.array([0, 1, 1, 0])}
    for step in range(1, 4):
        known = {"smile": np.ones(4)}
        learner.fit(x, y, batch_size=4, sample_weight=known, verbose=0)
        decay = min(0.5, (1 + step) / (10 + step))
        expected = [
            decay * mean + (1 - decay) * weight
            for mean, weight in zip(
                expected, network.get_weights(), strict=True
            )
        ]
    with average.applied():
        found = network.get_weights()
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)
