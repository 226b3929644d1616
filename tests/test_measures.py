"""Scores of single faces: their means are the scores of all."""

from dataclasses import replace

import numpy as np
import pytest

from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.evaluation.predictions import Predictions
from facemtl.evaluation.scores import score
from facemtl.studies.measures import describe, face_scores, point_errors
from facemtl.tasks import LANDMARKS


@pytest.fixture(scope="module")
def faces():
    faces = synthetic_faces(60, seed=4)
    labels = {**faces.labels, "smile": faces.labels["smile"].copy()}
    labels["smile"][:7] = -1  # not labelled
    return replace(faces, labels=labels)


@pytest.fixture(scope="module")
def answers(faces):
    rng = np.random.default_rng(5)
    points = faces.labels["landmarks"]
    classes = {
        task.name: rng.dirichlet(np.ones(task.size), len(faces))
        for task in faces.tasks
        if task.kind == "classes"
    }
    return {"landmarks": points + rng.normal(0, 4, points.shape), **classes}


def predicted(faces, answers):
    return Predictions(
        faces.tasks, faces.names, faces.boxes, faces.labels, answers
    )


def test_means_are_the_scores(faces, answers):
    means = {
        key: np.nanmean(values)
        for key, values in face_scores(predicted(faces, answers)).items()
    }
    scores = score(faces, answers)
    for key in (
        "mean_error_box",
        "failure_rate_box_5",
        "mean_error_interocular",
        "failure_rate_interocular_10",
    ):
        assert means[key] == pytest.approx(scores["landmarks"][key], abs=1e-3)
        assert 0 < means[key] < 100
    for task, part in scores["attributes"].items():
        for kind in ("accuracy", "balanced_accuracy"):
            assert means[f"{task} {kind}"] == pytest.approx(
                part[kind], abs=1e-3
            )


def test_attributes_are_the_mean_only_where_all_are_answered(faces, answers):
    scores = face_scores(predicted(faces, answers))
    right = [v for k, v in scores.items() if k.endswith(" accuracy")]
    assert len(right) == 4
    known = ~np.isnan(right[0])
    np.testing.assert_allclose(
        scores["attributes"][known], np.mean(right, axis=0)[known]
    )
    some = {k: v for k, v in answers.items() if k != "pose"}
    assert "attributes" not in face_scores(predicted(faces, some))


def test_unlabelled_faces_are_not_scored(faces, answers):
    scores = face_scores(predicted(faces, answers))
    assert np.isnan(scores["smile accuracy"][:7]).all()
    assert np.isfinite(scores["smile accuracy"][7:]).all()
    labels = {**faces.labels, "landmarks": faces.labels["landmarks"].copy()}
    labels["landmarks"][3] = np.nan
    holes = face_scores(predicted(replace(faces, labels=labels), answers))
    for key in ("mean_error_box", "failure_rate_box_5"):
        assert np.flatnonzero(np.isnan(holes[key])).tolist() == [3]


def test_point_errors_are_percent_of_the_box():
    box = np.array([[10.0, 10, 60, 70]])
    truth = {"landmarks": np.full((1, 5, 2), 30.0)}
    answer = {"landmarks": truth["landmarks"] + [3, 4]}
    names = np.array(["a"])
    one = Predictions((LANDMARKS,), names, box, truth, answer)
    np.testing.assert_allclose(point_errors(one, LANDMARKS), [[10.0] * 5])


@pytest.mark.parametrize(
    ("name", "less"),
    [
        ("mean_error_box", True),
        ("attributes", False),
        ("pose balanced_accuracy", False),
        ("yaw absolute_error", True),
    ],
)
def test_which_way_is_better(name, less):
    assert describe(name).less_is_better is less
