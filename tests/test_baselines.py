"""Networks beside the best constant prediction, and runs that diverged."""

from dataclasses import replace

import numpy as np
import pytest

from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.errors import InputError
from facemtl.evaluation.baselines import (
    check_outcome,
    constant_predictions,
    outcome,
    predict_constants,
)
from facemtl.evaluation.scores import score
from facemtl.geometry.crops import square_windows, to_window
from facemtl.tasks import LANDMARKS, SMILE, Task

POINTS = replace(LANDMARKS, name="points")
AGE = Task("age", "value")
TASKS = (POINTS, SMILE, AGE)
RNG = np.random.default_rng(0)


def faces(n, seed):
    drawn = synthetic_faces(n, seed=seed)
    labels = {
        "points": drawn.labels["landmarks"],
        "smile": drawn.labels["smile"],
        "age": RNG.uniform(1975, 2055, n),
    }
    return replace(drawn, tasks=TASKS, labels=labels)


TRAIN, VALIDATION = faces(60, 0), faces(40, 1)
CONSTANTS = constant_predictions(TRAIN, TASKS)
ALWAYS = score(VALIDATION, predict_constants(CONSTANTS, VALIDATION))


def told(**changed):
    """The outcome of a network with these scores, else of the constants."""
    scores = {
        "points": {"mean_error_box": 3.0},
        "attributes": {"smile": {"balanced_accuracy": 80.0}},
        "values": {"age": {"mean_absolute_error": 10.0}},
        **changed,
    }
    return outcome(TASKS, scores, TRAIN, VALIDATION)


def test_constants_are_mean_shape_class_and_median():
    windows = square_windows(TRAIN.boxes)
    shape = to_window(TRAIN.labels["points"], windows).mean(axis=0)
    np.testing.assert_allclose(CONSTANTS["points"], shape)
    most = np.bincount(TRAIN.labels["smile"]).argmax()
    assert CONSTANTS["smile"].tolist() == np.eye(2)[most].tolist()
    assert CONSTANTS["age"] == [np.median(TRAIN.labels["age"])]


def test_single_points_may_be_missing():
    labels = TRAIN.labels["points"].copy()
    labels[::2, 0] = np.nan
    labels[:, 1] = np.nan
    some = replace(TRAIN, labels={**TRAIN.labels, "points": labels})
    shape = constant_predictions(some, TASKS)["points"]
    windows = square_windows(TRAIN.boxes)
    half = to_window(TRAIN.labels["points"], windows)[1::2, 0].mean(axis=0)
    np.testing.assert_allclose(shape[0], half)
    assert shape[1].tolist() == [0.5, 0.5]


def test_baselines_are_scores_on_the_validation_faces():
    found = told()
    assert found["baselines"] == {
        "points": ALWAYS["points"]["mean_error_box"],
        "smile": 50.0,
        "age": ALWAYS["values"]["age"]["mean_absolute_error"],
    }
    assert 5 < found["baselines"]["points"] < 20
    assert found["baselines"]["age"] == pytest.approx(20, abs=5)
    assert found["learned"] == {"points": True, "smile": True, "age": True}
    assert (found["not_learned"], found["diverged"]) == ([], "")
    assert check_outcome(found) is found


def test_what_was_not_learned_is_told_task_by_task():
    found = told(
        points={"mean_error_box": 31.2},
        attributes={"smile": {"balanced_accuracy": 50.0}},
    )
    assert found["learned"] == {"points": False, "smile": False, "age": True}
    one, other = found["not_learned"]
    always = f"{found['baselines']['points']:.1f}"
    assert one.startswith(
        "points: NME-box 31.2 % on the validation faces is no better than "
        f"always predicting the training faces' mean shape ({always} %): the "
        "network has learned nothing here. Train longer (train.epochs), lower "
    )
    assert other.startswith(
        "smile: balanced accuracy 50.0 % on the validation faces is no better "
        "than always predicting the training faces' most frequent class "
        "(50.0 %)"
    )
    assert found["diverged"] == ""


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"points": {"mean_error_box": 1.786e8}}, "points: NME-box 17860"),
        ({"points": {"mean_error_box": float("inf")}}, "NME-box inf %"),
        ({"points": {"mean_error_box": 101.0}}, "points: NME-box 101.0 %"),
        (
            {"values": {"age": {"mean_absolute_error": 1975.0}}},
            "age: mean absolute error 1975 on the",
        ),
    ],
    ids=str,
)
def test_a_network_gone_astray_is_no_result(changed, words):
    found = told(**changed)
    with pytest.raises(InputError) as error:
        check_outcome(found)
    assert str(error.value).startswith("Training diverged. ")
    assert words in str(error.value)
    assert "(--out on the command line)" in str(error.value)
    assert "\n" not in str(error.value)


def test_little_learned_is_not_astray():
    assert told(points={"mean_error_box": 99.0})["diverged"] == ""
    age = {"age": {"mean_absolute_error": 150.0}}
    assert told(values=age)["diverged"] == ""


def test_a_task_without_validation_labels_is_left_out():
    bare = {**VALIDATION.labels, "age": AGE.no_labels(len(VALIDATION))}
    scores = {"points": {"mean_error_box": 3.0}}
    some = replace(VALIDATION, labels=bare)
    assert set(outcome(TASKS, scores, TRAIN, some)["learned"]) == {"points"}


def test_reports_of_an_earlier_version_are_results():
    assert check_outcome({"scores": {}}) == {"scores": {}}
