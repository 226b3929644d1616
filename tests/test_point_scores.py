"""Scores and pictures of faces of which some points are missing, by hand."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from test_scores import POINTS, table
from test_study_gallery import Photos

from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.evaluation.predictions import (
    Predictions,
    read_predictions,
    write_predictions,
)
from facemtl.evaluation.report import draw_predictions
from facemtl.evaluation.report import table as score_table
from facemtl.evaluation.scores import score
from facemtl.studies.bootstrap import paired_difference
from facemtl.studies.measures import face_scores
from facemtl.studies.report.gallery import draw_gallery
from facemtl.tasks import LANDMARKS, POSE

MEASURES = (
    "mean_error_box",
    "failure_rate_box_5",
    "mean_error_interocular",
    "failure_rate_interocular_10",
)


def some_faces(missing, offset, **labels):
    """Three faces with holes, and their scores; boxes are 100 wide.

    Args:
        missing: (face, point) pairs.
        offset: (3, 5) pixels by which predictions lie too far to the right.
    """
    truth = np.tile(POINTS, (3, 1, 1))
    predicted = truth + np.array(offset)[..., None] * [1.0, 0.0]
    for face, point in missing:
        truth[face, point] = np.nan
    tasks = (LANDMARKS, POSE) if "pose" in labels else (LANDMARKS,)
    faces = table(tasks, landmarks=truth, **labels)
    return faces, score(faces, {"landmarks": predicted})["landmarks"]


OFFSET = [[2, 2, 2, 8, 90], [4, 4, 4, 4, 4], [90, 1, 1, 90, 7]]
MISSING = [(0, 4), (2, 0), (2, 3)]


def test_a_face_counts_once_by_the_points_that_it_has():
    _, found = some_faces(MISSING, OFFSET)
    # (2 + 2 + 2 + 8) / 4, 4 and (1 + 1 + 7) / 3
    assert found["mean_error_box"] == pytest.approx((3.5 + 4 + 3) / 3)
    # One of 4, none of 5 and one of 3 points.
    failed = 100 * (1 / 4 + 0 + 1 / 3) / 3
    assert found["failure_rate_box_5"] == pytest.approx(failed, abs=1e-4)
    assert found["failure_rate_face_box_5"] == 0.0
    assert found["bias_box"] == {"x": 3.5, "y": 0.0}


def test_interocular_scores_are_of_faces_with_both_eyes():
    _, found = some_faces(MISSING, OFFSET)
    # The eyes of the first two faces are 40 apart; the third lacks one.
    assert found["n_interocular"] == 2
    expected = 100 * (3.5 + 4) / 40 / 2
    assert found["mean_error_interocular"] == pytest.approx(expected)
    assert found["failure_rate_interocular_10"] == 0.0
    # The median of 2, 2, 2, 8, 4, 4, 4, 4, 4, 1, 1 and 7 is 4.
    free = (np.mean([2, 2, 2, 4]) + 0) / 40 / 2
    assert found["mean_error_interocular_shift_free"] == 100 * free


def test_a_point_is_scored_over_the_faces_that_have_it():
    _, found = some_faces(MISSING, OFFSET)
    parts = found["per_landmark"]
    assert parts["nose"] == {
        "mean_error_box": pytest.approx((2 + 4 + 1) / 3, abs=1e-4),
        "failure_rate_box_5": 0.0,
        "bias_box": {"x": pytest.approx(7 / 3, abs=1e-4), "y": 0.0},
    }
    corner = parts["left mouth corner"]
    assert (corner["n"], corner["mean_error_box"]) == (2, 6.0)
    assert corner["failure_rate_box_5"] == 50.0
    assert parts["left eye"]["n"] == parts["right mouth corner"]["n"] == 2
    assert parts["left eye"]["mean_error_box"] == 3.0


def test_a_point_that_nobody_labels_is_left_out():
    faces, found = some_faces([(i, 1) for i in range(3)], OFFSET)
    assert list(found["per_landmark"]) == [
        name for name in LANDMARKS.names if name != "right eye"
    ]
    assert not [key for key in found if "interocular" in key]
    assert found["mean_error_box"] == pytest.approx(
        (102 / 4 + 4 + 188 / 4) / 3, abs=1e-4
    )
    json.dumps(found, allow_nan=False)
    # One coordinate alone is no point.
    faces.labels["landmarks"][0, 2, 1] = np.nan
    again = score(faces, {"landmarks": np.tile(POINTS, (3, 1, 1))})
    assert again["landmarks"]["per_landmark"]["nose"]["n"] == 2


def test_eyes_at_one_place_measure_nothing():
    faces, _ = some_faces([], OFFSET)
    faces.labels["landmarks"][0, 0] = faces.labels["landmarks"][0, 1]
    predicted = {"landmarks": faces.labels["landmarks"] + [4.0, 0.0]}
    found = score(faces, predicted)["landmarks"]
    assert found["n_interocular"] == 2
    assert found["mean_error_interocular"] == 10.0


def test_classes_without_a_pair_of_eyes_have_no_interocular_score():
    pose = np.array([0, 2, 0])
    _, found = some_faces([(0, 0), (2, 1)], OFFSET, pose=pose)
    profile, frontal = found["per_pose"].values()
    assert profile["n"] == 2 and frontal["n"] == 1
    assert "mean_error_interocular" in frontal
    assert "n_interocular" not in frontal
    assert not [key for key in profile if "interocular" in key]
    assert found["n_interocular"] == 1
    json.dumps(found, allow_nan=False)


def test_the_table_says_of_how_many_faces_a_point_is():
    _, found = some_faces(MISSING, OFFSET)
    lines = score_table({"n": 3, "landmarks": found}).splitlines()
    starts = [line.split("  ")[1] for line in lines if line.startswith("  ")]
    assert starts == [
        "left eye (2)",
        "right eye",
        "nose",
        "left mouth corner (2)",
        "right mouth corner (2)",
    ]
    assert not [line for line in lines if "nan" in line]


@pytest.fixture(scope="module")
def drawn():
    """60 drawn faces, three tenths of their points missing, predictions."""
    faces = synthetic_faces(60, seed=4)
    rng = np.random.default_rng(6)
    predicted = faces.labels["landmarks"] + rng.normal(0, 4, (60, 5, 2))
    points = faces.labels["landmarks"].copy()
    points[rng.uniform(size=(60, 5)) < 0.3] = np.nan
    points[7] = np.nan
    labels = {**faces.labels, "landmarks": points}
    return replace(faces, labels=labels), {"landmarks": predicted}


def predictions(faces, predicted):
    return Predictions(
        faces.tasks, faces.names, faces.boxes, faces.labels, predicted
    )


def test_means_of_faces_are_the_scores(drawn):
    faces, predicted = drawn
    scores = face_scores(predictions(faces, predicted))
    known = np.isfinite(faces.labels["landmarks"]).all(axis=2)
    eyes = known[:, 0] & known[:, 1]
    found = score(faces, predicted)["landmarks"]
    assert found["n_interocular"] == eyes.sum() < known.any(axis=1).sum() == 59
    for key in MEASURES:
        has = eyes if "interocular" in key else known.any(axis=1)
        np.testing.assert_array_equal(np.isfinite(scores[key]), has)
        mean = np.nanmean(scores[key])
        assert mean == pytest.approx(found[key], abs=1e-3)
        assert 0 < mean < 100


def test_measures_that_no_face_has_are_left_out(drawn):
    faces, predicted = drawn
    points = faces.labels["landmarks"].copy()
    points[:, 0] = np.nan
    blind = replace(faces, labels={**faces.labels, "landmarks": points})
    scores = face_scores(predictions(blind, predicted))
    assert [key for key in MEASURES if key in scores] == list(MEASURES[:2])
    points[:] = np.nan
    assert face_scores(predictions(blind, predicted)) == {}
    # Attributes of which no face has all.
    smile = faces.labels["smile"].copy()
    smile[:30] = -1
    pose = np.where(smile == -1, faces.labels["pose"], -1)
    classes = {"smile": np.eye(2)[[0] * 60], "pose": np.eye(5)[[2] * 60]}
    tasks = tuple(t for t in faces.tasks if t.name in classes)
    some = replace(faces, tasks=tasks, labels={"smile": smile, "pose": pose})
    assert "attributes" not in face_scores(predictions(some, classes))


def test_variants_are_compared_on_the_points_that_there_are(drawn):
    faces, predicted = drawn
    other = {"landmarks": predicted["landmarks"] + [3.0, 0.0]}
    for key in MEASURES:
        pair = [
            np.stack([face_scores(predictions(faces, some))[key]] * 2)
            for some in (other, predicted)
        ]
        difference = paired_difference(*pair)
        means = [np.nanmean(x) for x in pair]
        assert difference.mean == pytest.approx(means[0] - means[1])
        assert difference.low < difference.mean < difference.high
        if key == "mean_error_box":
            assert difference.verdict(less_is_better=True) == "worse"


def test_predictions_keep_missing_points(drawn, tmp_path):
    faces, predicted = drawn
    file = tmp_path / "predictions.npz"
    write_predictions({"test": (faces, predicted)}, file)
    found = read_predictions(file)["test"]
    np.testing.assert_array_equal(
        found.labels["landmarks"], faces.labels["landmarks"]
    )
    same = face_scores(predictions(faces, predicted))
    again = face_scores(found)
    for key in MEASURES:
        np.testing.assert_allclose(again[key], same[key], rtol=1e-4)


def test_pictures_show_the_points_that_there_are(drawn, tmp_path, monkeypatch):
    from matplotlib.axes import Axes

    faces, predicted = drawn
    shown = []
    plot = Axes.plot

    def recorded(self, x, y, *args, **options):
        shown.append((options["mfc"], np.array([x, y])))
        return plot(self, x, y, *args, **options)

    monkeypatch.setattr(Axes, "plot", recorded)
    some = faces.select(np.array([7, 3]))  # the first has no point
    both = {"landmarks": predicted["landmarks"][[7, 3]]}
    draw_predictions(some, both, tmp_path / "faces.png", 1, 2)
    assert (tmp_path / "faces.png").stat().st_size > 1000
    assert all(np.isfinite(places).all() for _, places in shown)
    rings = sorted(x.shape[1] for kind, x in shown if kind == "none")
    n = int(np.isfinite(some.labels["landmarks"][1, :, 0]).sum())
    assert rings == [0, n] and 0 < n < 5
    assert [x.shape[1] for kind, x in shown if kind != "none"] == [5, 5]


def test_a_gallery_draws_no_ring_for_a_missing_point():
    faces, _ = some_faces(MISSING, OFFSET)
    predicted = {"landmarks": np.tile(POINTS, (3, 1, 1)) + [[[7.0, 0.0]]]}
    page = draw_gallery(Photos(), {"a": predictions(faces, predicted)}, 1)
    assert "nan" not in page
    assert page.count('class="ring"') == 15 - len(MISSING)
    assert page.count('class="dot"') == 15
    assert re.findall(r"<figcaption>([\d.]+) %", page) == ["7.0"] * 3
