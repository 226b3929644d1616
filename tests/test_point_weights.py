"""A weight a point: in losses, metrics, batches and what a learner logs."""

from itertools import pairwise

import keras
import numpy as np
import pytest
import tensorflow as tf
from test_losses import by_numpy
from test_pipeline import ROOMY, STILL, STRONG, batches, some_crops

from facemtl.evaluation.landmark_metrics import FailureRate, MeanError
from facemtl.models import FaceNetwork
from facemtl.pipeline.augment import (
    augment_labels,
    mirror_weights,
    random_affine,
)
from facemtl.pipeline.batches import arrays, fixed_batches
from facemtl.pipeline.teacher import TEACHER
from facemtl.settings import AugmentSettings
from facemtl.tasks import LANDMARKS, SMILE
from facemtl.training.learner import Learner
from facemtl.training.losses import LANDMARK_FORMS, AttributeLoss, LandmarkLoss
from facemtl.training.weighting import FixedWeighting

RNG = np.random.default_rng(0)
# Six faces: whole, without any point, without an eye, with one point, …
WEIGHT = np.array(
    [
        [1, 1, 1, 1, 1],
        [0, 0, 0, 0, 0],
        [0, 1, 1, 1, 1],
        [0, 0, 0, 1, 0],
        [1, 1, 0, 0, 1],
        [1, 1, 1, 0, 1],
    ],
    "float32",
)
TRUTH = RNG.uniform(size=(6, 5, 2)).astype("float32")
GUESS = (TRUTH + RNG.normal(0, 0.04, TRUTH.shape)).astype("float32")
CUTS = [0, 4, 5, 6]


def whole_faces(form: str, scale: float) -> np.ndarray:
    """(6,): today's loss of each face, a mean over points and coordinates."""
    residual = np.abs(GUESS.astype("float64") - TRUTH) / scale
    return by_numpy(form, residual).mean(axis=(1, 2))


@pytest.mark.parametrize("form", LANDMARK_FORMS)
def test_a_loss_is_the_weighted_mean_over_points(form):
    residual = np.abs(GUESS.astype("float64") - TRUTH) / 0.02
    points = by_numpy(form, residual).mean(axis=2)
    loss = LandmarkLoss(form, 0.02)
    expected = (WEIGHT * points).sum() / WEIGHT.sum()
    found = float(loss(TRUTH, GUESS, WEIGHT))
    assert found == pytest.approx(expected, rel=1e-5)
    # Weights between 0 and 1 count by their size.
    half = WEIGHT * RNG.uniform(size=WEIGHT.shape).astype("float32")
    expected = (half * points).sum() / half.sum()
    found = float(loss(TRUTH, GUESS, half))
    assert found == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("form", LANDMARK_FORMS)
def test_whole_faces_have_the_very_loss_they_had(form):
    """Bit by bit: the mean over coordinates, then over faces."""
    loss = LandmarkLoss(form)
    residual = np.abs(GUESS - TRUTH) / 0.01
    faces = tf.reduce_mean(LANDMARK_FORMS[form](residual), axis=(-2, -1))
    alike = float(tf.reduce_sum(faces) / 6)
    assert alike == pytest.approx(whole_faces(form, 0.01).mean(), rel=1e-5)
    assert float(loss(TRUTH, GUESS)) == alike
    assert float(loss(TRUTH, GUESS, np.ones((6, 5), "float32"))) == alike
    # A weight a face is a weight for each of its points.
    face = np.array([1, 0, 1, 1, 0, 1], "float32")
    by_face = float(loss(TRUTH, GUESS, face))
    repeated = np.repeat(face[:, None], 5, axis=1)
    assert float(loss(TRUTH, GUESS, repeated)) == by_face
    expected = whole_faces(form, 0.01)[face > 0].mean()
    assert by_face == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("form", LANDMARK_FORMS)
def test_a_missing_point_has_exactly_no_gradient(form):
    loss = LandmarkLoss(form)
    guess = tf.Variable(GUESS)
    found = []
    for filled in (0.5, -7.0):
        truth = np.where(WEIGHT[..., None] > 0, TRUTH, filled)
        with tf.GradientTape() as tape:
            value = loss(truth.astype("float32"), guess, WEIGHT)
        gradient = np.asarray(tape.gradient(value, guess))
        assert np.isfinite(gradient).all()
        assert not gradient[WEIGHT == 0].any()
        assert gradient[WEIGHT == 1].all()
        found.append((float(value), gradient))
    assert found[0][0] == found[1][0]
    np.testing.assert_array_equal(found[0][1], found[1][1])


def test_gradients_of_whole_faces_are_what_they_were():
    loss, guess = LandmarkLoss(), tf.Variable(GUESS)
    gradients = []
    for weight in (np.ones(6, "float32"), np.ones((6, 5), "float32")):
        with tf.GradientTape() as tape:
            value = loss(TRUTH, guess, weight)
        gradients.append(np.asarray(tape.gradient(value, guess)))
    np.testing.assert_array_equal(*gradients)


def test_a_batch_without_any_point_is_zero():
    guess = tf.Variable(GUESS)
    with tf.GradientTape() as tape:
        value = LandmarkLoss()(TRUTH, guess, np.zeros((6, 5), "float32"))
    assert float(value) == 0.0
    assert not np.any(tape.gradient(value, guess))


def test_a_task_of_one_point_takes_both_kinds_of_weights():
    truth, guess = TRUTH[:, :1], GUESS[:, :1]
    known = WEIGHT[:, 0]
    loss = LandmarkLoss()
    one = float(loss(truth, guess, known))
    assert float(loss(truth, guess, known[:, None])) == one
    assert one == pytest.approx(float(loss(truth[known > 0], guess[known > 0])))


def shares(eyes=None) -> np.ndarray:
    """(6, 5) errors over the box, or over the eyes' distance; NaN: missing."""
    truth = TRUTH.astype("float64")
    errors = np.linalg.norm(GUESS - truth, axis=2)
    if eyes:
        apart = truth[:, eyes[0]] - truth[:, eyes[1]]
        errors /= np.linalg.norm(apart, axis=1)[:, None]
        errors[(WEIGHT[:, list(eyes)] == 0).any(axis=1)] = np.nan
    errors[WEIGHT == 0] = np.nan
    return errors


def means(values: np.ndarray) -> np.ndarray:
    """Means of the rows that are not all NaN."""
    return np.nanmean(values[~np.isnan(values).all(axis=1)], axis=1)


def over(values: np.ndarray, limit: float) -> np.ndarray:
    return np.where(np.isnan(values), np.nan, values > limit)


MOUTH = {"normalizer": "interocular", "eyes": (3, 4)}
METRICS = {
    "box": (MeanError(box=0.8), means(shares() / 0.8)),
    "eyes": (MeanError("interocular"), means(shares((0, 1)))),
    "mouth": (MeanError(**MOUTH), means(shares((3, 4)))),
    "points": (FailureRate(5), means(over(shares(), 0.05))),
    "faces": (FailureRate(5, per_face=True), means(shares()) > 0.05),
    "points by eyes": (
        FailureRate(10, "interocular"),
        means(over(shares((0, 1)), 0.1)),
    ),
    "faces by mouth": (
        FailureRate(12, per_face=True, **MOUTH),
        means(shares((3, 4))) > 0.12,
    ),
}


@pytest.mark.parametrize("name", METRICS)
def test_a_metric_is_the_mean_over_faces_of_their_points(name):
    metric, faces = METRICS[name]
    expected = 100 * faces.mean()
    assert expected > 0
    # What a missing point was filled with makes no difference.
    for filled in (TRUTH, 0.5, 1e4):
        metric.reset_state()
        truth = np.where(WEIGHT[..., None] > 0, TRUTH, filled)
        for start, end in pairwise(CUTS):
            part = slice(start, end)
            metric.update_state(truth[part], GUESS[part], WEIGHT[part])
        assert float(metric.result()) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("name", METRICS)
def test_a_metric_of_whole_faces_is_what_it_was(name):
    metric, _ = METRICS[name]
    results = []
    for weight in (None, np.ones(6), np.ones((6, 5))):
        metric.reset_state()
        metric.update_state(TRUTH, GUESS, weight)
        results.append(float(metric.result()))
    assert len(set(results)) == 1


def holey_crops(n: int):
    """As `some_crops`, with three tenths of the points missing, too.

    The value of face i is i + 1; a mirror negates it.
    """
    crops = some_crops(n, ROOMY)
    crops.faces.labels["yaw"][:] = np.arange(n) + 1.0
    points = crops.faces.labels["landmarks"]
    points[np.random.default_rng(1).uniform(size=(n, 5)) < 0.3] = np.nan
    return crops


def test_a_missing_left_eye_is_the_mirrors_missing_right_eye():
    n = 8
    affine = random_affine(
        n,
        AugmentSettings(**{**STILL, "mirror": True}),
        tf.constant([1, 2]),
    )
    mirrored = affine.mirrored.numpy()
    assert mirrored.any() and not mirrored.all()
    weight = np.ones((n, 5), "float32")
    weight[:, 0] = 0  # the left eye
    given = {"landmarks": weight, "smile": np.arange(n, dtype="float32")}
    tasks = (LANDMARKS, SMILE)
    found = mirror_weights(given, tasks, affine.mirrored)
    expected = np.ones((n, 5))
    expected[mirrored, 1] = 0
    expected[~mirrored, 0] = 0
    np.testing.assert_array_equal(found["landmarks"], expected)
    np.testing.assert_array_equal(found["smile"], given["smile"])
    # The weight stays with its place: x becomes 1 - x.
    places = RNG.uniform(size=(n, 5, 2)).astype("float32")
    moved = augment_labels({"landmarks": places}, (LANDMARKS,), affine)
    for i in range(n):
        known = found["landmarks"][i].numpy() > 0
        x = np.sort(moved["landmarks"][i].numpy()[known, 0])
        before = places[i, 1:, 0]
        before = 1 - before if mirrored[i] else before
        np.testing.assert_allclose(x, np.sort(before), atol=1e-6)


@pytest.mark.parametrize("settings", [STILL, STRONG], ids=["still", "strong"])
def test_batches_weigh_what_is_labelled(settings):
    """tf.data against NumPy: a point of weight 1 is one that was labelled."""
    crops = holey_crops(13)
    data = arrays(crops)
    seen = {False: 0, True: 0}
    for seed in range(2):
        for x, y, weight in batches(crops, settings, epochs=2, seed=seed):
            found = weight["landmarks"].numpy()
            assert found.shape == (4, 5) and found.dtype == np.float32
            assert np.isfinite(y["landmarks"]).all()
            for row, value in zip(found, y["yaw"].numpy(), strict=True):
                i, mirrored = round(abs(value)) - 1, bool(value < 0)
                order = LANDMARKS.mirror if mirrored else range(5)
                own = data["weight"]["landmarks"][i][list(order)]
                np.testing.assert_array_equal(row, own)
                seen[mirrored] += 1
            assert len(x) == 4
    assert seen[False] > 10
    assert (seen[True] > 10) == settings["mirror"]


def test_fixed_batches_are_the_arrays():
    crops = holey_crops(11)
    data = arrays(crops)
    assert 0.3 < data["weight"]["landmarks"].mean() < 0.6
    found = [w["landmarks"] for _, _, w in fixed_batches(crops, 4)]
    assert [w.shape for w in found] == [(4, 5), (4, 5), (3, 5)]
    np.testing.assert_array_equal(
        np.concatenate(found), data["weight"]["landmarks"]
    )


def small_learner() -> Learner:
    keras.utils.set_random_seed(0)
    tasks = (LANDMARKS, SMILE)
    network = FaceNetwork(tasks, width=0.1)
    losses = {"landmarks": LandmarkLoss(), "smile": AttributeLoss()}
    metrics = {"landmarks": [MeanError()]}
    weighting = FixedWeighting(list(losses))
    learner = Learner(network, losses, weighting, metrics)
    learner.compile("sgd", jit_compile=False)
    return learner


def learner_batch() -> tuple:
    x = RNG.integers(0, 256, (6, 40, 40, 1)).astype("float32")
    y = {"landmarks": TRUTH, "smile": np.array([0, 1, 0, 1, 1, 0], "int32")}
    return x, y


def test_a_learner_logs_the_mean_over_points():
    """Over uneven batches, by the number of their points."""
    learner, (x, y) = small_learner(), learner_batch()
    weight = {"landmarks": WEIGHT, "smile": np.ones(6, "float32")}
    data = tf.data.Dataset.from_tensor_slices((x, y, weight)).batch(4)
    logs = learner.evaluate(data, verbose=0, return_dict=True)
    points = learner.network.predict(x, verbose=0)["landmarks"]
    residual = np.abs(points.astype("float64") - TRUTH) / 0.01
    losses = by_numpy("smooth_l1", residual).mean(axis=2)
    expected = (losses * WEIGHT).sum() / WEIGHT.sum()
    assert logs["landmarks_loss"] == pytest.approx(expected, rel=1e-4)
    distance = np.linalg.norm(points - TRUTH, axis=2)
    distance[WEIGHT == 0] = np.nan
    expected = 100 * means(distance).mean()
    assert logs["landmarks_mean_error_box"] == pytest.approx(expected, rel=1e-4)


def test_a_weight_a_face_trains_as_a_weight_a_point_does():
    """Whoever has weights of faces keeps the very network."""
    x, y = learner_batch()
    face = np.array([1, 1, 0, 1, 1, 0], "float32")
    logs = []
    for points in (face, np.repeat(face[:, None], 5, axis=1)):
        learner = small_learner()
        weight = {"landmarks": points, "smile": face}
        data = tf.data.Dataset.from_tensor_slices((x, y, weight)).batch(4)
        fit = learner.fit(data, epochs=2, verbose=0, shuffle=False)
        history = fit.history
        logs.append((history, [w.numpy() for w in learner.weights]))
    assert logs[0][0] == logs[1][0]
    for one, other in zip(logs[0][1], logs[1][1], strict=True):
        np.testing.assert_array_equal(one, other)


def test_what_a_missing_point_was_filled_with_never_reaches_the_network():
    x, y = learner_batch()
    weight = {"landmarks": WEIGHT, "smile": np.ones(6, "float32")}
    trained = []
    for filled in (0.5, 99.0):
        truth = np.where(WEIGHT[..., None] > 0, TRUTH, filled)
        own = {**y, "landmarks": truth.astype("float32")}
        learner = small_learner()
        logs = learner.train_on_batch(x, own, weight, return_dict=True)
        trained.append((logs, [w.numpy() for w in learner.weights]))
    assert trained[0][0] == trained[1][0]
    for one, other in zip(trained[0][1], trained[1][1], strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_teacher_teaches_all_points():
    """A missing point learns from the teacher alone, with its share."""
    learner, (x, y) = small_learner(), learner_batch()
    loss = learner.task_losses["landmarks"]
    learner.taught = {"landmarks": loss}
    learner.share = {"landmarks": 0.25}
    taught = TRUTH + RNG.normal(0, 0.05, TRUTH.shape).astype("float32")
    y = {**y, TEACHER: {"landmarks": taught}}
    weight = {"landmarks": WEIGHT, "smile": np.zeros(6, "float32")}
    guess = tf.Variable(GUESS)
    with tf.GradientTape() as tape:
        predicted = {"landmarks": guess, "smile": tf.fill((6, 2), 0.5)}
        total = learner.compute_loss(x, y, predicted, weight)
    gradient = np.asarray(tape.gradient(total, guess))
    with tf.GradientTape() as tape:
        own = loss(taught, guess)
    alone = np.asarray(tape.gradient(own, guess))
    expected = 0.75 * loss(TRUTH, GUESS, WEIGHT) + 0.25 * own
    assert float(total) == pytest.approx(float(expected), rel=1e-6)
    missing = WEIGHT == 0
    np.testing.assert_allclose(
        gradient[missing], 0.25 * alone[missing], rtol=1e-5
    )
    assert (gradient[~missing] != 0.25 * alone[~missing]).any()


def test_keras_own_losses_take_the_weights():
    """(B, P) is what Keras expects beside points (B, P, 2)."""
    loss = keras.losses.MeanSquaredError(reduction="mean_with_sample_weight")
    errors = ((GUESS - TRUTH) ** 2).mean(axis=2)
    expected = (errors * WEIGHT).sum() / WEIGHT.sum()
    found = float(loss(TRUTH, GUESS, WEIGHT))
    assert found == pytest.approx(expected, rel=1e-5)
