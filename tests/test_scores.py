"""Scores of small tables that can be worked out by hand."""

import numpy as np
import pytest

from facemtl.data.faces import Faces
from facemtl.evaluation.scores import eye_indices, score
from facemtl.photos.images import FolderImages
from facemtl.tasks import LANDMARKS, POSE, SMILE, Task

# Boxes 100 wide and 50 high; the eyes are 40 apart.
POINTS = np.array(
    [[30.0, 20.0], [70.0, 20.0], [50.0, 30.0], [35.0, 45.0], [65.0, 45.0]]
)
AGE = Task("age", "value")


def table(tasks: tuple[Task, ...], **labels: np.ndarray) -> Faces:
    n = len(next(iter(labels.values())))
    names = np.array([f"{i}.jpg" for i in range(n)])
    boxes = np.tile([0.0, 0.0, 100.0, 50.0], (n, 1))
    return Faces(tasks, FolderImages("."), names, names, boxes, labels)


def landmarks(n: int, offset: np.ndarray) -> dict:
    truth = np.tile(POINTS, (n, 1, 1))
    faces = table((LANDMARKS,), landmarks=truth)
    return score(faces, {"landmarks": truth + offset})["landmarks"]


def test_exact_answers_have_no_error():
    found = landmarks(3, np.zeros(2))
    assert found["mean_error_box"] == found["mean_error_interocular"] == 0.0
    assert found["failure_rate_box_5"] == 0.0
    assert found["failure_rate_interocular_10"] == 0.0
    assert found["bias_box"] == {"x": 0.0, "y": 0.0}


def test_a_known_offset_has_a_known_error():
    found = landmarks(2, np.array([-3.0, 4.0]))  # 5 px long
    assert found["mean_error_box"] == 5.0  # of the width 100, not of 50
    assert found["bias_box"] == {"x": -3.0, "y": 4.0}
    assert found["mean_error_interocular"] == 12.5
    assert found["failure_rate_box_5"] == 0.0  # not above 5 %
    assert found["failure_rate_interocular_10"] == 100.0
    # The whole error is one shift.
    assert found["mean_error_interocular_shift_free"] == 0.0


def test_box_width_is_right_minus_left():
    truth = POINTS[None]
    faces = table((LANDMARKS,), landmarks=truth)
    faces.boxes[0] = [10.0, -500.0, 60.0, 900.0]
    found = score(faces, {"landmarks": truth + [1.0, 0.0]})["landmarks"]
    assert found["mean_error_box"] == 2.0


def test_errors_of_single_points():
    offset = np.zeros((2, 5, 2))
    offset[0, 2] = [30.0, 0.0]  # the first face's nose: 30 % of the box
    offset[1, 4] = [0.0, 4.0]
    found = landmarks(2, offset)
    assert found["mean_error_box"] == pytest.approx(34 / 10)
    assert found["failure_rate_box_5"] == 10.0
    assert found["failure_rate_face_box_5"] == 50.0  # mean 6 % and 0.8 %
    assert found["mean_error_interocular"] == pytest.approx(34 / 10 / 0.4)
    assert found["failure_rate_interocular_10"] == 50.0  # 15 % and 2 %
    assert found["bias_box"] == {"x": 3.0, "y": 0.4}
    assert found["per_landmark"]["nose"] == {
        "mean_error_box": 15.0,
        "failure_rate_box_5": 50.0,
        "bias_box": {"x": 15.0, "y": 0.0},
    }
    assert list(found["per_landmark"]) == list(LANDMARKS.names)
    assert found["per_landmark"]["right mouth corner"]["bias_box"]["y"] == 2.0


def test_shift_free_removes_one_constant_shift():
    rng = np.random.default_rng(0)
    offset = np.zeros((9, 5, 2))
    offset[:3] = rng.normal(0, 5, (3, 5, 2))  # the median is zero
    shifted = landmarks(9, offset + [7.5, -3.25])
    plain = landmarks(9, offset)
    key = "mean_error_interocular_shift_free"
    assert plain[key] == plain["mean_error_interocular"]
    assert shifted[key] == pytest.approx(plain[key], abs=1e-4)
    assert shifted["mean_error_interocular"] > plain["mean_error_interocular"]


def test_scores_by_class():
    truth = np.tile(POINTS, (4, 1, 1))
    pose = np.array([2, 0, 2, -1])
    faces = table((LANDMARKS, POSE), landmarks=truth, pose=pose)
    offset = np.array([2.0, 10.0, 4.0, 50.0])[:, None, None] * [1.0, 0.0]
    found = score(faces, {"landmarks": truth + offset})["landmarks"]
    assert list(found["per_pose"]) == ["left profile", "frontal"]
    assert found["per_pose"]["frontal"]["n"] == 2
    assert found["per_pose"]["frontal"]["mean_error_box"] == 3.0
    assert found["per_pose"]["left profile"]["mean_error_interocular"] == 25.0
    assert found["mean_error_box"] == pytest.approx((2 + 10 + 4 + 50) / 4)


def test_unlabelled_faces_are_left_out():
    truth = np.tile(POINTS, (3, 1, 1))
    answer = truth + [[[1.0, 0.0]], [[3.0, 0.0]], [[90.0, 0.0]]]
    truth[2] = np.nan
    smile = np.array([0, -1, -1])
    faces = table((LANDMARKS, SMILE), landmarks=truth, smile=smile)
    p = np.array([[0.9, 0.1], [0.1, 0.9], [0.1, 0.9]])
    found = score(faces, {"landmarks": answer, "smile": p})
    assert found["n"] == 3
    assert found["landmarks"]["mean_error_box"] == 2.0
    assert found["attributes"]["smile"]["n"] == 1
    assert found["attributes"]["smile"]["accuracy"] == 100.0


def test_tasks_without_labels_or_answers_are_left_out():
    truth = np.full((2, 5, 2), np.nan)
    smile = np.array([0, 1])
    faces = table((LANDMARKS, SMILE), landmarks=truth, smile=smile)
    assert score(faces, {"landmarks": np.zeros((2, 5, 2))}) == {"n": 2}


def test_own_points_without_eyes():
    ears = Task("ears", "landmarks", ("left ear", "right ear"), (1, 0))
    truth = np.array([[[10.0, 10.0], [90.0, 10.0]]])
    faces = table((ears,), ears=truth)
    found = score(faces, {"ears": truth + [0.0, 6.0]})["ears"]
    assert eye_indices(ears) is None
    assert found["mean_error_box"] == 6.0
    assert found["failure_rate_box_5"] == 100.0
    assert not [key for key in found if "interocular" in key]


def test_eyes_are_found_by_name():
    names = ("chin", "right eye", "left eye")
    task = Task("points", "landmarks", names, (0, 2, 1))
    assert eye_indices(task) == (2, 1)
    truth = np.array([[[50.0, 90.0], [80.0, 20.0], [30.0, 20.0]]])
    found = score(table((task,), points=truth), {"points": truth + [5.0, 0]})
    assert found["points"]["mean_error_interocular"] == 10.0


def test_classes():
    label = np.array([2, 2, 2, 2, 0, 1])
    faces = table((POSE,), pose=label)
    found = np.array([2, 2, 2, 1, 0, 4])
    result = score(faces, {"pose": np.eye(5)[found]})["attributes"]["pose"]
    assert result["n"] == 6
    assert result["accuracy"] == pytest.approx(400 / 6, abs=1e-3)
    rates = [1.0, 0.0, 0.75]  # the right poses do not occur
    expected = 100 * np.mean(rates)
    assert result["balanced_accuracy"] == pytest.approx(expected, abs=1e-3)
    assert result["confusion"]["frontal"] == {
        "left profile": 0,
        "left": 1,
        "frontal": 3,
        "right": 0,
        "right profile": 0,
    }
    total = sum(sum(row.values()) for row in result["confusion"].values())
    assert total == 6


def test_values():
    faces = table((AGE,), age=np.array([20.0, 40.0, np.nan]))
    answer = np.array([[23.0], [39.0], [999.0]])
    result = score(faces, {"age": answer})
    assert result["values"]["age"] == {"mean_absolute_error": 2.0, "n": 2}
