"""Runs in one process: both phases, single attributes, settings, errors."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from kill_case import leave_part

from facemtl.config import load_config, load_settings
from facemtl.data.faces import BadRows
from facemtl.data.one_source import Splits
from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.errors import InputError
from facemtl.models import load_model
from facemtl.training.preparation import (
    build_network,
    chosen_tasks,
    crop_splits,
)
from facemtl.training.runs import train
from facemtl.training.trainer import fit_network

SMALL = ["data.source=synthetic", "data.faces=64", "train.batch_size=16"]


def weights(folder):
    """All weights of a run's best network, by path."""
    return {w.path: w.numpy() for w in load_model(folder).weights}


@pytest.mark.slow
def test_streams_are_first_trained_alone_if_asked(tmp_path):
    more = ["train.alone_epochs=1", "train.epochs=1", "model.width=0.25"]
    config = load_config("cross_stitch", settings=[*SMALL, *more])
    left = leave_part(tmp_path / "run/alone", "history.csv")
    train(config, tmp_path / "run", verbose=0)
    assert not left.exists()
    alone, joined = weights(tmp_path / "run/alone"), weights(tmp_path / "run")
    units = {path for path in joined if "alpha" in path}
    assert units
    assert alone.keys() == joined.keys() - units
    # The second phase starts from the first: its streams are near it.
    path = "fc/fc_stream1/kernel"
    same = np.corrcoef(alone[path].ravel(), joined[path].ravel())[0, 1]
    assert same > 0.9


@pytest.mark.slow
@pytest.mark.parametrize("task", ["smile", "pose"])
def test_single_learns_an_attribute_alone(tmp_path, task):
    more = [f'model.tasks=["{task}"]', "train.epochs=1", "model.width=0.25"]
    config = load_config("single", settings=[*SMALL, *more])
    report = train(config, tmp_path / "run", verbose=0)
    assert list(report["scores"]["test"]["attributes"]) == [task]
    assert "landmarks" not in report["scores"]["test"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "settings",
    [
        [
            *("weighting.method=uncertainty", "stopping.method=tcdcn"),
            *("stopping.window=1", "train.precision=mixed_float16"),
        ],
        [
            *("data.color=rgb", "data.size=48", "data.margin=0.1"),
            *("loss.landmarks=wing", "loss.class_balance=1.0"),
            *("train.precision=mixed_bfloat16", "train.average=0.0"),
            "train.warm_up=0.0",
        ],
    ],
    ids=["float16", "bfloat16"],
)
def test_settings_train(tmp_path, settings):
    more = ["train.epochs=1", "model.width=0.25", *settings]
    report = train(
        load_config("split", settings=[*SMALL, *more]),
        tmp_path / "run",
        verbose=0,
    )
    error = report["scores"]["validation"]["landmarks"]["mean_error_box"]
    assert 0 < error < 60


@pytest.mark.slow
def test_a_run_that_diverges_says_so(tmp_path):
    more = ["train.learning_rate=4e9", "train.epochs=2", "train.warm_up=0.0"]
    config = load_config("single", settings=[*SMALL, *more])
    with pytest.raises(InputError, match=r"diverged in epoch [12]: the loss"):
        train(config, tmp_path / "run", verbose=0)
    assert not (tmp_path / "run/report.json").exists()
    with pytest.raises(InputError, match=r"diverged in epoch [12]: the loss"):
        train(config, tmp_path / "run", resume=True, verbose=0)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("stopping.method=soon", "Expected stopping.method in"),
        ("weighting.method=fair", "Expected weighting.method in"),
        ("weighting.lambdas.age=1.0", "Expected weighting.lambdas >= 0 for"),
        ("train.threads=3", "Expected train.threads before TensorFlow's"),
        ("loss.landmarks=l3", "Expected loss.landmarks in"),
        ("train.precision=int4", "Expected train.precision in"),
        ("train.stitch_optimizer=lion", "Expected train.stitch_optimizer in"),
        ("data.color=blue", "Expected a color in"),
        ("model.tasks=['age']", "Expected model.tasks out of the labelled"),
    ],
)
def test_a_wrong_setting_is_told(tmp_path, setting, message):
    keras.ops.zeros(1)  # TensorFlow has begun, as in a notebook's second cell
    config = load_config("split", settings=[*SMALL, setting])
    with pytest.raises(InputError, match=message):
        train(config, tmp_path / "run", verbose=0)


@pytest.mark.parametrize(
    "setting",
    [
        *("weighting.lambdas.smile=-1", "train.schedule=linear"),
        *("loss.landmarks=l3", "loss.label_smoothing=1.5"),
        "stopping.method=soon",
    ],
)
def test_a_wrong_setting_is_told_before_photos_are_read(
    setting, tmp_path, monkeypatch
):
    def read(*_):
        raise AssertionError("a photo was read")

    monkeypatch.setattr("facemtl.training.run_faces.crop_splits", read)
    config = load_config("split", settings=[*SMALL, setting])
    with pytest.raises(InputError, match=setting.split("=")[0].split(".")[1]):
        train(config, tmp_path / "run", verbose=0)


def test_validation_needs_a_label_to_choose_by(tmp_path):
    settings = load_settings("split", settings=SMALL)
    faces = synthetic_faces(20)
    missing = {**faces.labels, "landmarks": np.full((20, 5, 2), np.nan)}
    splits = Splits(faces, replace(faces, labels=missing), None)
    tasks = chosen_tasks(faces, [])
    crops = crop_splits(splits, settings, tasks, BadRows(), 0)
    network = build_network(settings, tasks)
    with pytest.raises(InputError, match="label of 'landmarks' to choose"):
        fit_network(network, *crops, settings, tmp_path, verbose=0)
