"""Runs end with a calibrated network."""

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from facemtl import load_config, load_model, load_network, train
from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.evaluation.calibration import calibration_error
from facemtl.files.kept import read_object
from facemtl.models import FaceNetwork
from facemtl.pipeline.crop_cache import CachePlan, crop_faces
from facemtl.tasks import LANDMARKS, SMILE
from facemtl.training.calibration import _softened, _views, calibrate
from facemtl.training.run_calibration import calibrated


def network(mirrored=False):
    keras.utils.set_random_seed(0)
    made = FaceNetwork(
        (LANDMARKS, SMILE), width=0.2, landmarks="heatmap", mirrored=mirrored
    )
    # Larger last layers, so that predictions differ between faces.
    for name in ("smile", "landmarks_heatmaps"):
        kernel = made.get_layer(name).kernel
        kernel.assign(np.random.default_rng(0).normal(0, 40, kernel.shape))
    return made


def drawn(n):
    faces = synthetic_faces(n, seed=3).only((LANDMARKS, SMILE))
    return crop_faces(faces, CachePlan(network().crop), verbose=0)


def labelled(made, crops, temperature):
    """The crops, with classes as probable as the network softened says."""
    views = _views(made, SMILE, crops.images)
    shares = _softened(views, temperature)[:, 1]
    labels = np.random.default_rng(0).random(len(shares)) < shares
    labels = {**crops.faces.labels, "smile": labels.astype(np.int32)}
    return replace(crops, faces=replace(crops.faces, labels=labels))


def cross_entropy(made, crops):
    shares = made.predict(crops.images, verbose=0)["smile"].astype("f8")
    labels = crops.faces.labels["smile"]
    return -np.log(shares[np.arange(len(labels)), labels]).mean()


@pytest.mark.parametrize("mirrored", [False, True])
def test_the_temperature_has_the_least_cross_entropy(mirrored):
    made = network(mirrored)
    crops = labelled(made, drawn(300), 2.0)
    fitted, report = calibrate(made, crops)
    found = report["smile"]
    assert found["temperature"] == pytest.approx(2, rel=0.3)
    assert found["calibration_error_after"] < found["calibration_error_before"]
    shares = fitted.predict(crops.images, verbose=0)["smile"]
    labels = crops.faces.labels["smile"]
    assert calibration_error(labels, shares) == pytest.approx(
        found["calibration_error_after"], abs=0.01
    )
    best = cross_entropy(fitted, crops)
    assert best < cross_entropy(made, crops)
    layer = fitted.get_layer("smile")
    for factor in (0.8, 1.25):
        for weight in layer.weights:
            weight.assign(weight * factor)
        assert best < cross_entropy(fitted, crops)
        for weight in layer.weights:
            weight.assign(weight / factor)


def test_points_and_classes_stay_and_half_of_the_errors_are_within():
    made, crops = network(), drawn(120)
    before = made.predict(crops.images, verbose=0)
    fitted, report = calibrate(made, crops)
    after = fitted.predict(crops.images, verbose=0)
    np.testing.assert_array_equal(after["landmarks"], before["landmarks"])
    np.testing.assert_array_equal(
        after["smile"].argmax(1), before["smile"].argmax(1)
    )
    assert after["landmarks_sigma"].shape == (120, 5)
    assert fitted.sigma["landmarks"].to_dict() == report["landmarks"]


def test_few_faces_calibrate_nothing():
    made = network()
    fitted, report = calibrate(made, drawn(40))
    assert report == {}
    assert fitted.sigma == {}


def test_a_run_that_was_killed_is_not_calibrated_twice(tmp_path: Path):
    crops = drawn(120)
    network().save(tmp_path / "model.keras")
    once, fitted = calibrated(tmp_path, crops)
    twice, again = calibrated(tmp_path, crops)
    assert again == fitted
    for one, other in zip(once.weights, twice.weights, strict=True):
        np.testing.assert_array_equal(one, other)
    # Killed after the first of both files: the network is the old one.
    network().save(tmp_path / "model.keras")
    third, last = calibrated(tmp_path, crops)
    assert last == fitted
    for one, other in zip(once.weights, third.weights, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.slow
def test_a_run_ends_calibrated(tmp_path: Path):
    settings = [
        *("data.source=synthetic", "data.faces=360", "train.epochs=1"),
        *("model.landmarks=heatmap", "model.width=0.25"),
        "data.validation_share=0.3",
    ]
    config = load_config("split", settings=settings)
    report = train(config, tmp_path, verbose=0)
    fitted = read_object(tmp_path / "calibration.json")["fitted"]
    assert report["calibration"] == fitted
    assert {"smile", "landmarks"} <= set(fitted)
    assert load_model(tmp_path).sigma.keys() == {"landmarks"}
    points = report["scores"]["validation"]["landmarks"]
    assert points["sigma_within_median"] == pytest.approx(50, abs=20)
    smile = report["scores"]["validation"]["attributes"]["smile"]
    assert smile["calibration_error"] == pytest.approx(
        fitted["smile"]["calibration_error_after"], abs=0.05
    )
    assert load_network(tmp_path).sigma == load_model(tmp_path).sigma
