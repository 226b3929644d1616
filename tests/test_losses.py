"""The losses against NumPy, and what a missing label does to gradients."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from facemtl.config import load_settings
from facemtl.errors import InputError
from facemtl.settings import LossSettings
from facemtl.tasks import LANDMARKS, POSE, Task
from facemtl.training.losses import AttributeLoss, LandmarkLoss, ValueLoss
from facemtl.training.task_losses import class_weights, task_losses

RNG = np.random.default_rng(0)


def by_numpy(form: str, r: np.ndarray) -> np.ndarray:
    """The published formulas of the residual r >= 0."""
    if form == "l2":
        return r**2 / 2
    if form == "smooth_l1":
        beta = 2.0
        return np.where(r < beta, r**2 / 2, beta * (r - beta / 2))
    w, epsilon = 4.0, 0.8
    c = w - w * np.log(1 + w / epsilon)
    return np.where(r < w, w * np.log(1 + r / epsilon), r - c)


def probabilities(n: int, classes: int) -> np.ndarray:
    return RNG.dirichlet(np.ones(classes), n).astype("float32")


@pytest.mark.parametrize("scale", [0.02, 0.1])
@pytest.mark.parametrize("form", ["l2", "smooth_l1", "wing"])
def test_landmarks_agree_with_numpy(form, scale):
    truth = RNG.uniform(size=(6, 5, 2)).astype("float32")
    # Residuals on both sides of the joints, and of both signs.
    error = scale * RNG.choice([0.3, 1.9, 2.1, 3.9, 4.1, 9.0], truth.shape)
    guess = truth + (error * RNG.choice([-1, 1], truth.shape))
    guess = guess.astype("float32")
    weight = np.array([1, 0, 1, 1, 0, 1], "float32")
    r = np.abs(guess.astype("float64") - truth) / scale
    faces = by_numpy(form, r).mean(axis=(1, 2))
    loss = LandmarkLoss(form, scale)
    np.testing.assert_allclose(loss(truth, guess), faces.mean(), rtol=1e-4)
    np.testing.assert_allclose(
        loss(truth, guess, weight), faces[weight > 0].mean(), rtol=1e-4
    )


@pytest.mark.parametrize(
    ("form", "joint", "slopes"),
    [("smooth_l1", 2, (2, 2)), ("wing", 4, (4 / 4.8, 1))],
)
def test_landmark_loss_is_continuous_at_its_joint(form, joint, slopes):
    loss = LandmarkLoss(form, scale=1.0)
    sides = [
        float(loss(np.zeros((1, 1, 2)), np.full((1, 1, 2), joint + step)))
        for step in (-1e-4, 1e-4)
    ]
    # No jump: only the slopes below and above the joint.
    rise = sum(slopes) * 1e-4
    assert sides[1] - sides[0] == pytest.approx(rise, rel=0.01)
    value = by_numpy(form, np.array(float(joint)))
    assert np.mean(sides) == pytest.approx(value, rel=1e-4)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("weights", [None, [0.5, 1.5, 4.0]])
def test_attributes_agree_with_numpy(weights, smoothing):
    label = np.array([0, 2, 1, 1, 0], "int32")
    p = probabilities(5, 3)
    target = (1 - smoothing) * np.eye(3)[label] + smoothing / 3
    faces = -(target * np.log(p.astype("float64"))).sum(axis=1)
    faces = faces * np.array(weights or [1, 1, 1])[label]
    loss = AttributeLoss(weights, smoothing)
    np.testing.assert_allclose(loss(label, p), faces.mean(), rtol=1e-5)
    known = np.array([1, 1, 0, 0, 1], "float32")
    np.testing.assert_allclose(
        loss(label, p, known), faces[known > 0].mean(), rtol=1e-5
    )


def test_a_certain_and_wrong_answer_stays_finite():
    p = tf.Variable([[0.0, 1.0]])
    with tf.GradientTape() as tape:
        value = AttributeLoss()(np.array([0]), p)
    assert float(value) == pytest.approx(-np.log(1e-7), rel=1e-4)
    assert np.isfinite(tape.gradient(value, p)).all()


def test_values_agree_with_numpy():
    label = RNG.normal(30, 10, 7).astype("float32")
    guess = RNG.normal(30, 10, (7, 1)).astype("float32")
    guess[2] += 300  # a wrong label pulls no harder than one 20 units off
    faces = by_numpy("smooth_l1", np.abs(guess[:, 0] - label) / 10)
    loss = ValueLoss(scale=10.0)
    np.testing.assert_allclose(loss(label, guess), faces.mean(), rtol=1e-5)
    known = np.array([1, 0, 0, 1, 1, 0, 1], "float32")
    np.testing.assert_allclose(
        loss(label, guess, known), faces[known > 0].mean(), rtol=1e-5
    )


LOSSES = {
    "l2": (LandmarkLoss("l2"), "points"),
    "smooth_l1": (LandmarkLoss("smooth_l1"), "points"),
    "wing": (LandmarkLoss("wing"), "points"),
    "attribute": (AttributeLoss([1.0, 2.0, 3.0], 0.1), "classes"),
    "value": (ValueLoss(), "value"),
}


def labels_and_answers(kind: str) -> tuple[np.ndarray, tf.Variable]:
    if kind == "points":
        return RNG.uniform(size=(4, 5, 2)).astype("float32"), tf.Variable(
            RNG.uniform(size=(4, 5, 2)).astype("float32")
        )
    if kind == "classes":
        return np.array([0, 1, 2, 0]), tf.Variable(probabilities(4, 3))
    return np.ones(4, "float32"), tf.Variable(np.zeros((4, 1), "float32"))


@pytest.mark.parametrize("name", LOSSES)
def test_a_missing_label_has_exactly_no_gradient(name):
    loss, kind = LOSSES[name]
    label, answer = labels_and_answers(kind)
    weight = np.array([0, 1, 0, 1], "float32")
    with tf.GradientTape() as tape:
        value = loss(label, answer, weight)
    gradient = np.asarray(tape.gradient(value, answer))
    assert not gradient[weight == 0].any()
    assert all(face.any() for face in gradient[weight == 1])
    # The labelled faces learn as if they were alone.
    alone = tf.Variable(answer.numpy()[weight == 1])
    with tf.GradientTape() as tape:
        same = loss(label[weight == 1], alone)
    assert float(value) == pytest.approx(float(same), rel=1e-6)
    np.testing.assert_allclose(
        gradient[weight == 1], tape.gradient(same, alone), rtol=1e-6
    )


@pytest.mark.parametrize("name", LOSSES)
def test_a_batch_without_labels_is_zero(name):
    loss, kind = LOSSES[name]
    label, answer = labels_and_answers(kind)
    with tf.GradientTape() as tape:
        value = loss(label, answer, np.zeros(4, "float32"))
    assert float(value) == 0.0
    assert not np.any(tape.gradient(value, answer))


@pytest.mark.parametrize("name", LOSSES)
def test_config_round_trip(name):
    loss, kind = LOSSES[name]
    content = keras.saving.serialize_keras_object(loss)
    again = keras.saving.deserialize_keras_object(content)
    assert again.get_config() == loss.get_config()
    label, answer = labels_and_answers(kind)
    assert float(again(label, answer)) == float(loss(label, answer))


def test_class_weights_lift_rare_classes():
    label = np.array([0] * 6 + [1] * 3 + [2] + [-1] * 5)
    factors = np.array(class_weights(label, 3, balance=1.0))
    counts = np.array([6, 3, 1])
    np.testing.assert_allclose(factors, 10 / (3 * counts))
    np.testing.assert_allclose(factors * counts, 10 / 3)  # equal sums
    half = np.array(class_weights(label, 3, balance=0.5))
    np.testing.assert_allclose(half**2 / half[0] ** 2, [1, 2, 6])
    assert (half * counts).sum() / 10 == pytest.approx(1.0)
    assert class_weights(label, 3, balance=0.0) == pytest.approx([1, 1, 1])


@pytest.mark.parametrize("balance", [0.0, 0.5, 1.0])
def test_class_weights_of_a_class_that_never_occurs(balance):
    label = np.array([0, 0, 0, 2])
    factors = class_weights(label, 3, balance)
    assert np.isfinite(factors).all()
    # A class without faces changes nothing for the others.
    assert np.mean([factors[k] for k in label]) == pytest.approx(1.0)
    assert factors[1] == pytest.approx(factors[2])  # that of one face


def test_class_weights_without_any_label():
    one, other = class_weights(np.full(3, -1), 2, 1.0)
    assert one == other > 0


def test_losses_follow_the_settings():
    age = Task("age", "value")
    labels = {
        "landmarks": np.zeros((4, 5, 2)),
        "pose": np.array([0, 1, 1, -1]),
        "age": np.array([10.0, 30.0, np.nan, 20.0]),
    }
    settings = LossSettings(
        landmarks="wing", scale=0.05, label_smoothing=0.1, class_balance=1.0
    )
    losses = task_losses((LANDMARKS, POSE, age), labels, settings)
    assert (losses["landmarks"].form, losses["landmarks"].scale) == (
        "wing",
        0.05,
    )
    assert losses["pose"].label_smoothing == 0.1
    expected = class_weights(labels["pose"], 5, 1.0)
    assert losses["pose"].class_weights == pytest.approx(expected)
    # 1.4826 median absolute deviations from the median 20.
    assert losses["age"].scale == pytest.approx(14.826)


@pytest.mark.parametrize("label", [[np.nan, np.nan], [5.0, 5.0]], ids=str)
def test_a_value_without_spread_has_the_unit_one(label):
    age = Task("age", "value")
    settings = load_settings().loss
    loss = task_losses((age,), {"age": np.array(label)}, settings)["age"]
    assert loss.scale == 1.0


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: LandmarkLoss("l1"),
            "Expected loss.landmarks in ['l2', 'smooth_l1', 'wing']. "
            "Received: 'l1'.",
        ),
        (
            lambda: LandmarkLoss(scale=0.0),
            "Expected loss.scale > 0. Received: 0.0.",
        ),
        (
            lambda: AttributeLoss(label_smoothing=1.0),
            "Expected loss.label_smoothing in [0, 1). Received: 1.0.",
        ),
        (
            lambda: AttributeLoss(label_smoothing=-0.1),
            "Expected loss.label_smoothing in [0, 1). Received: -0.1.",
        ),
    ],
)
def test_messages(make, message):
    with pytest.raises(InputError) as error:
        make()
    assert str(error.value) == message
