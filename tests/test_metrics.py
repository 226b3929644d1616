"""The metrics against NumPy, over uneven batches with missing labels."""

from itertools import pairwise

import keras
import numpy as np
import pytest

from facemtl.errors import InputError
from facemtl.evaluation.landmark_metrics import FailureRate, MeanError
from facemtl.evaluation.metrics import Accuracy, BalancedAccuracy, task_metrics
from facemtl.tasks import LANDMARKS, POSE, Task

RNG = np.random.default_rng(0)
# Uneven batches, the last one short; one holds no label at all.
CUTS = [0, 7, 8, 13, 15]
KNOWN = np.array([1, 1, 0, 1, 0, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1], "float32")


def in_batches(metric, truth, guess, weight=KNOWN):
    for start, end in pairwise(CUTS):
        part = slice(start, end)
        metric.update_state(truth[part], guess[part], weight[part])
    return float(metric.result())


@pytest.fixture(scope="module")
def points():
    truth = RNG.uniform(size=(15, 5, 2)).astype("float32")
    guess = truth + RNG.normal(0, 0.05, truth.shape).astype("float32")
    return truth, guess


def errors(truth, guess):
    """(N, P) distances of the labelled faces, in float64."""
    difference = guess.astype("float64") - truth
    return np.sqrt((difference**2).sum(axis=-1))[KNOWN > 0]


def eyes_apart(truth, eyes=(0, 1)):
    left, right = (
        truth[KNOWN > 0][:, np.atleast_1d(eye)].astype("float64").mean(axis=1)
        for eye in eyes
    )
    return np.hypot(*(left - right).T)[:, None]


@pytest.mark.parametrize("margin", [0.0, 0.25])
def test_box_errors_agree_with_numpy(points, margin):
    # The window is 1 + 2 margin boxes wide.
    share = errors(*points) * (1 + 2 * margin)
    mean_error, failures = task_metrics(LANDMARKS, margin)
    assert mean_error.name == "mean_error_box"
    assert failures.name == "failure_rate_box_5"
    expected = 100 * share.mean()
    assert in_batches(mean_error, *points) == pytest.approx(expected, rel=1e-5)
    expected = 100 * (share > 0.05).mean()
    assert in_batches(failures, *points) == pytest.approx(expected, rel=1e-5)
    assert 0 < expected < 100


@pytest.mark.parametrize("eyes", [(0, 1), (3, 4), ((0, 3), (1, 2, 4))])
def test_interocular_errors_agree_with_numpy(points, eyes):
    share = errors(*points) / eyes_apart(points[0], eyes)
    metric = MeanError("interocular", eyes=eyes)
    assert metric.name == "mean_error_interocular"
    expected = 100 * share.mean()
    assert in_batches(metric, *points) == pytest.approx(expected, rel=1e-5)
    metric = FailureRate(10, "interocular", per_face=True, eyes=eyes)
    assert metric.name == "failure_rate_face_interocular_10"
    expected = 100 * (share.mean(axis=1) > 0.1).mean()
    assert in_batches(metric, *points) == pytest.approx(expected, rel=1e-5)


def test_failures_of_faces_are_of_their_mean_error():
    truth = np.zeros((2, 2, 2))
    guess = truth + [[[0.09, 0], [0, 0]], [[0.11, 0], [0, 0]]]
    faces = FailureRate(5, per_face=True)
    faces.update_state(truth, guess)
    assert float(faces.result()) == 50.0
    points = FailureRate(5)
    points.update_state(truth, guess)
    assert float(points.result()) == 50.0


def test_a_face_without_eyes_and_without_weight_counts_nothing():
    truth = np.array([[[0.2, 0.5], [0.8, 0.5]], [[0.5, 0.5], [0.5, 0.5]]])
    guess = truth + [0.06, 0.0]
    metric = MeanError("interocular")
    metric.update_state(truth, guess, np.array([1.0, 0.0]))
    assert float(metric.result()) == pytest.approx(10.0, rel=1e-5)


@pytest.fixture(scope="module")
def classes():
    label = RNG.choice([0, 1, 2], 15, p=[0.6, 0.3, 0.1]).astype("int32")
    label[:3] = [0, 1, 2]
    return label, RNG.dirichlet(np.ones(4), 15).astype("float32")


def test_accuracy_agrees_with_numpy(classes):
    label, p = classes
    hit = (p.argmax(axis=1) == label)[KNOWN > 0]
    expected = 100 * hit.mean()
    assert in_batches(Accuracy(), label, p) == pytest.approx(expected)


def test_balanced_accuracy_agrees_with_numpy(classes):
    label, p = classes
    known, found = label[KNOWN > 0], p.argmax(axis=1)[KNOWN > 0]
    present = np.unique(known)
    assert len(present) < 4  # class 3 never comes, and does not count
    rates = [(found[known == k] == k).mean() for k in present]
    metric = BalancedAccuracy(4)
    expected = 100 * np.mean(rates)
    assert in_batches(metric, label, p) == pytest.approx(expected, rel=1e-5)
    plain = BalancedAccuracy(4)
    plain.update_state(label, p)
    rates = [(p.argmax(1)[label == k] == k).mean() for k in range(3)]
    assert float(plain.result()) == pytest.approx(100 * np.mean(rates))


def test_a_value_is_scored_by_its_absolute_error():
    metric = task_metrics(Task("age", "value"))[0]
    label = RNG.normal(size=15).astype("float32")
    guess = RNG.normal(size=(15, 1)).astype("float32")
    expected = np.abs(guess[:, 0] - label)[KNOWN > 0].mean()
    assert in_batches(metric, label, guess) == pytest.approx(expected, rel=1e-5)
    assert metric.name == "mean_absolute_error"


METRICS = [
    MeanError("interocular", eyes=(3, 4), name="mouth"),
    MeanError("interocular", eyes=((0, 3), (1, 4)), name="sides"),
    MeanError("box", box=0.5),
    FailureRate(7.5, "box", per_face=True, box=0.8),
    Accuracy(),
    BalancedAccuracy(5),
]


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_begins_again_after_a_reset(metric, points, classes):
    of_points = isinstance(metric, MeanError | FailureRate)
    data = points if of_points else classes
    first = in_batches(metric, *data)
    assert in_batches(metric, *data) == pytest.approx(first)  # sums of both
    metric.reset_state()
    assert float(metric.result()) == 0.0
    assert in_batches(metric, *data) == first


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_config_round_trip(metric):
    content = keras.saving.serialize_keras_object(metric)
    again = keras.saving.deserialize_keras_object(content)
    assert type(again) is type(metric)
    assert again.get_config() == metric.get_config()
    assert again.name == metric.name


def test_names_say_the_normalizer():
    assert MeanError().name == "mean_error_box"
    assert FailureRate(10, "interocular").name == "failure_rate_interocular_10"
    assert FailureRate(2.5).name == "failure_rate_box_2.5"
    assert [m.name for m in task_metrics(POSE)] == [
        "accuracy",
        "balanced_accuracy",
    ]


@pytest.mark.parametrize(
    "eyes",
    [(0,), (1, 1), ((0, 1), (1, 2)), ((0, 1), ()), "01", (0, 1.5), None],
    ids=repr,
)
def test_eyes_that_are_not_two_places(eyes):
    with pytest.raises(InputError) as error:
        MeanError("interocular", eyes=eyes)
    assert str(error.value) == (
        "Expected eyes as the indices of two points, or as two lists of "
        f"indices, each point once. Received: {eyes!r}."
    )


def test_a_face_without_a_point_of_an_eye_is_left_out():
    truth = np.array([[[0.2, 0.5], [0.2, 0.7], [0.8, 0.6]]] * 2)
    metric = MeanError("interocular", eyes=((0, 1), (2,)))
    weight = np.array([[1.0, 1.0, 1.0], [1.0, 0.0, 1.0]])
    moved = truth + np.array([[[0.06, 0.0]], [[0.5, 0.0]]])
    metric.update_state(truth, moved, weight)
    assert float(metric.result()) == pytest.approx(10.0, rel=1e-5)


def test_unknown_normalizer():
    with pytest.raises(InputError) as error:
        MeanError("iris")
    assert str(error.value) == (
        "Expected a normalizer in ('box', 'interocular'). Received: 'iris'."
    )
