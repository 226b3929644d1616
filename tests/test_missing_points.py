"""Training on faces of which each lacks a point or two, end to end."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from facemtl.config import load_config, load_settings
from facemtl.data.sources import load_splits
from facemtl.evaluation.faces import evaluate_faces
from facemtl.evaluation.predictions import read_predictions
from facemtl.evaluation.scores import score
from facemtl.geometry.crops import square_windows, to_photo, to_window
from facemtl.inference.runtimes import load_network
from facemtl.studies.measures import face_scores
from facemtl.tasks import LANDMARKS
from facemtl.training import run_labels, runs

pytestmark = pytest.mark.slow
SETTINGS = [
    "data.source=synthetic",
    "data.faces=440",
    "train.epochs=14",
    "train.batch_size=16",
    "train.learning_rate=0.003",
    "train.average=0.9",
]


def without_points(faces, seed):
    """One or two of each face's five points are missing, by chance."""
    rng = np.random.default_rng(seed)
    points = faces.labels["landmarks"].copy()
    for i, face in enumerate(points):
        face[rng.permutation(5)[: 1 + i % 2]] = np.nan
    known = LANDMARKS.labelled_parts(points)
    assert known.mean() == pytest.approx(0.7, abs=0.01)
    assert not known.all(axis=1).any()  # else no face would be left
    return replace(faces, labels={**faces.labels, "landmarks": points})


def holey_splits(data, bad, folder=""):
    splits = load_splits(data, bad, folder)
    parts = (splits.train, splits.validation, splits.test)
    return replace(
        splits,
        **{
            name: without_points(faces, seed)
            for seed, (name, faces) in enumerate(
                zip(("train", "validation", "test"), parts, strict=True)
            )
        },
    )


def trained(folder: Path, load=load_splits, *settings: str, test=True):
    config = load_config("single", settings=[*SETTINGS, *settings])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_labels, "load_splits", load)
        return runs.train(config, folder, verbose=0, test=test)


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """Crops, so that each face is drawn once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def holey_run(tmp_path_factory, cache):
    folder = tmp_path_factory.mktemp("runs") / "holey"
    return folder, trained(folder, holey_splits, f"data.cache={cache}")


def strict(text: str):
    """JSON without NaN and Infinity, which other languages cannot read."""

    def refuse(word):
        raise AssertionError(f"{word} in a JSON file")

    return json.loads(text, parse_constant=refuse)


def guessed(splits) -> float:
    """NME-box of the training faces' mean shape, which looks at no photo."""
    shape = np.mean(
        to_window(
            splits.train.labels["landmarks"],
            square_windows(splits.train.boxes),
        ),
        axis=0,
    )
    faces = splits.validation
    points = to_photo(
        np.tile(shape, (len(faces), 1, 1)), square_windows(faces.boxes)
    )
    return score(faces, {"landmarks": points})["landmarks"]["mean_error_box"]


def test_faces_without_some_points_teach_the_others(holey_run, cache, tmp_path):
    """Three tenths of the points are missing, and of each face one or two.

    On validation faces with all of their points, NME-box is 5.3 and 5.6 % (two
    seeds) with all training points, and 5.7 and 6.0 % without three tenths of
    them; the mean shape has 9.0 %.
    """
    cached = f"data.cache={cache}"
    whole = trained(tmp_path / "whole", load_splits, cached, test=False)
    splits = load_splits(load_settings(settings=SETTINGS).data, None)
    network = load_network(holey_run[0])
    found = evaluate_faces(
        network, splits.validation, verbose=0, second_look=False
    )
    error, other = (
        x["landmarks"]["mean_error_box"]
        for x in (found, whole["scores"]["validation"])
    )
    assert error < 1.2 * other
    assert error < 0.8 * guessed(splits)


def test_report_and_evaluation_agree_and_hold_no_nan(holey_run):
    folder, report = holey_run
    assert strict((folder / "report.json").read_text()) == report
    splits = holey_splits(load_settings(settings=SETTINGS).data, None)
    network = load_network(folder)
    # No face has all points to fit the convention of their boxes to.
    assert network.box_convention.points is None
    kept = read_predictions(folder / "predictions.npz")
    for name, faces in (
        ("validation", splits.validation),
        ("test", splits.test),
    ):
        found = evaluate_faces(network, faces, verbose=0)
        assert found == report["scores"][name]
        strict(json.dumps(found))
        points = found["landmarks"]
        assert 0 < points["n_interocular"] < len(faces) == found["n"]
        for part in points["per_landmark"].values():
            assert 0.5 * len(faces) < part["n"] < 0.9 * len(faces)
        mean = np.nanmean(face_scores(kept[name])["mean_error_box"])
        assert mean == pytest.approx(points["mean_error_box"], abs=1e-3)
    assert (folder / "predictions.png").is_file()


def test_the_log_validates_on_the_points_that_there_are(holey_run):
    folder, report = holey_run
    rows = (folder / "history.csv").read_text().splitlines()
    names = rows[0].split(",")
    history = np.array([row.split(",") for row in rows[1:]], float)
    assert np.isfinite(history).all()
    errors = history[:, names.index("val_landmarks_mean_error_box")]
    assert errors.argmin() + 1 == report["best_epoch"]
    best = report["scores"]["validation"]["landmarks"]["mean_error_box"]
    assert errors.min() == pytest.approx(best, rel=1e-3)


@pytest.mark.parametrize(
    "settings",
    [
        ("weighting.method=uncertainty", "stopping.method=tcdcn"),
        (
            "weighting.method=dynamic_weight_average",
            "stopping.method=threshold",
        ),
    ],
    ids=["uncertainty", "dynamic"],
)
def test_weightings_and_stopping_take_missing_points(settings, tmp_path):
    short = ("data.faces=48", "train.epochs=2", 'model.architecture="split"')
    report = trained(tmp_path / "run", holey_splits, *short, *settings)
    assert report["epochs"] == 2
    strict((tmp_path / "run" / "report.json").read_text())
    assert report["scores"]["test"]["landmarks"]["mean_error_box"] < 60
