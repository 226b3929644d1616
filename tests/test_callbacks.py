"""The callbacks of a run, each driven by hand, and in a short training."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from facemtl.callbacks import (
    KeepBest,
    RecordSharing,
    ScheduleLambda,
    TaskwiseStopping,
    UpdateWeighting,
    WeightAverage,
)
from facemtl.callbacks.stopping import tcdcn_criterion, threshold_criterion
from facemtl.config import default_config
from facemtl.learner import Learner
from facemtl.losses import task_losses
from facemtl.models import FaceNetwork, load_model
from facemtl.tasks import LANDMARKS, SMILE
from facemtl.weighting import DynamicWeightAverage, FixedWeighting

RNG = np.random.default_rng(0)
TASKS = ("landmarks", "smile")
IMAGES = RNG.integers(0, 256, (6, 40, 40, 1)).astype("float32")
LABELS = {
    "landmarks": RNG.uniform(size=(6, 5, 2)).astype("float32"),
    "smile": np.array([0, 1, 1, 0, 1, 0], "int32"),
}
KNOWN = {task: np.ones(6, "float32") for task in TASKS}


@pytest.fixture(autouse=True)
def _seeded_weights():
    keras.utils.set_random_seed(0)


def network(**settings):
    return FaceNetwork((LANDMARKS, SMILE), width=0.1, **settings)


def stitched(**regularization):
    return network(
        architecture="cross_stitch",
        weight_regularization={
            "form": "l2",
            "layers": ["conv2", "fc"],
            **regularization,
        },
    )


def randomize(model):
    """New values for all weights; returns them."""
    values = [RNG.uniform(0.1, 1, w.shape) for w in model.weights]
    model.set_weights(values)
    return [value.astype("float32") for value in values]


def assert_weights(model, expected, **tolerance):
    found = model.get_weights()
    for weight, value in zip(found, expected, strict=True):
        np.testing.assert_allclose(weight, value, **tolerance)


# The moving average


@pytest.fixture
def small():
    return keras.Sequential(
        [
            keras.Input((3,)),
            keras.layers.Dense(2),
            keras.layers.BatchNormalization(),
        ]
    )


@pytest.mark.parametrize("decay", [0.998, 0.4, 0.0])
def test_average_agrees_with_numpy(small, decay):
    expected = randomize(small)
    average = WeightAverage(small, decay)
    for step in range(1, 13):
        raw = randomize(small)
        average.on_train_batch_end(step)
        # Warmed up: 2/11, 3/12, 4/13, … and then the decay.
        d = min(decay, (1 + step) / (10 + step))
        expected = [
            d * mean + (1 - d) * weight
            for mean, weight in zip(expected, raw, strict=True)
        ]
        assert_weights(small, raw, rtol=0)
    with average.applied():
        assert_weights(small, expected, rtol=1e-5)
    assert_weights(small, raw, rtol=0)


def test_average_is_what_is_validated(small):
    average = WeightAverage(small, 0.5)
    average.on_train_batch_end(0)
    raw = randomize(small)
    average.on_train_batch_end(1)
    with average.applied():
        mean = small.get_weights()
    average.on_test_begin()
    assert_weights(small, mean, rtol=0)
    average.on_test_end()
    assert_weights(small, raw, rtol=0)


def test_average_is_taken_out_after_an_error(small):
    average = WeightAverage(small, 0.5)
    raw = randomize(small)
    with pytest.raises(KeyboardInterrupt), average.applied():
        raise KeyboardInterrupt
    assert_weights(small, raw, rtol=0)


def test_average_leaves_lambda_w_alone():
    model = stitched(factor=0.5)
    average = WeightAverage(model, 0.9)
    term = model.get_layer("fc").weight_regularization
    term.lambda_w.assign(0.125)
    average.on_train_batch_end(0)
    with average.applied():
        assert float(term.lambda_w) == 0.125


def test_average_goes_on_from_its_state(small):
    average = WeightAverage(small, 0.9)
    for _ in range(3):
        randomize(small)
        average.on_train_batch_end(0)
    other = WeightAverage(small, 0.9)
    for one, kept in zip(other.state, average.state, strict=True):
        one.assign(kept)
    randomize(small)
    for one in (average, other):
        one.on_train_batch_end(0)
    for one, kept in zip(other.state, average.state, strict=True):
        np.testing.assert_array_equal(one, kept)


# What the streams share


def test_lambda_w_rises_and_stays():
    model = stitched(factor=0.5)
    names = ("conv2", "fc")
    terms = [model.get_layer(x).weight_regularization for x in names]
    schedule = ScheduleLambda(model, epochs=4)
    found = []
    for epoch in range(7):
        schedule.on_epoch_begin(epoch)
        first, second = (float(term.lambda_w) for term in terms)
        assert first == second
        found.append(first)
    assert found == [0.0, 0.125, 0.25, 0.375, 0.5, 0.5, 0.5]
    ScheduleLambda(model, epochs=0).on_epoch_begin(0)
    assert float(terms[0].lambda_w) == 0.5
    ScheduleLambda(network(), epochs=3).on_epoch_begin(0)  # nothing to do


def test_what_is_shared_is_recorded():
    model = stitched(factor=0.5)
    randomize(model)
    for name in ("conv2", "fc"):
        term = model.get_layer(name).weight_regularization
        term.lambda_w.assign(0.25)
        term.a.assign([0.75])
        term.b.assign([0.01])
    logs = {"loss": 1.0}
    RecordSharing(model).on_epoch_end(0, logs)
    assert logs.pop("loss") == 1.0
    assert logs.pop("lambda_w") == 0.25
    for name in ("conv2", "fc"):
        one, two = (
            np.asarray(copy.kernel, np.float64)
            for copy in model.get_layer(name).copies
        )
        expected = {
            "r_w": ((0.75 * one + 0.01 - two) ** 2).sum(),
            "map_a": 0.75,
            "map_b": 0.01,
            "distance": np.sqrt(((one - two) ** 2).sum()),
            "norm1": np.sqrt((one**2).sum()),
            "norm2": np.sqrt((two**2).sum()),
        }
        for key, value in expected.items():
            found = logs.pop(f"{name}_{key}")
            assert found == pytest.approx(value, rel=1e-5), key
    for stage in ("pool1", "pool2", "pool3", "fc"):
        alpha = np.asarray(model.get_layer(f"stitch_{stage}").alpha)
        own = (alpha[0, 0].mean() + alpha[1, 1].mean()) / 2
        other = (alpha[0, 1].mean() + alpha[1, 0].mean()) / 2
        assert logs.pop(f"stitch_{stage}_own") == pytest.approx(own)
        assert logs.pop(f"stitch_{stage}_other") == pytest.approx(other)
    assert logs == {}


def test_nothing_is_recorded_where_nothing_is_shared():
    logs = {}
    RecordSharing(network()).on_epoch_end(0, logs)
    assert logs == {}


# The weights of the losses


def test_weights_are_logged_and_then_updated():
    weighting = DynamicWeightAverage(TASKS, temperature=1.0)
    update = UpdateWeighting(weighting)
    losses = [(1.0, 1.0), (0.5, 1.0), (0.5, 0.5)]
    seen = []
    for epoch, (points, smile) in enumerate(losses):
        logs = {"landmarks_loss": points, "smile_loss": smile}
        update.on_epoch_end(epoch, logs)
        seen.append((logs["landmarks_weight"], logs["smile_weight"]))
    # Epochs 0 and 1 were trained with equal weights.
    assert seen[:2] == [(1.0, 1.0), (1.0, 1.0)]
    powers = np.exp([0.5, 1.0])
    np.testing.assert_allclose(seen[2], 2 * powers / powers.sum(), rtol=1e-5)
    powers = np.exp([1.0, 0.5])
    now = list(weighting.weights_now().values())
    np.testing.assert_allclose(now, 2 * powers / powers.sum(), rtol=1e-5)
    # A resumed run goes on with the losses of before.
    state = json.loads(json.dumps(update.get_state()))
    again = UpdateWeighting(DynamicWeightAverage(TASKS, temperature=1.0))
    again.set_state(state)
    for one in (update, again):
        one.on_epoch_end(3, {"landmarks_loss": 0.4, "smile_loss": 0.1})
    assert again.weighting.weights_now() == weighting.weights_now()


def test_fixed_weights_are_logged_and_stay():
    weighting = FixedWeighting(TASKS, {"smile": 0.5})
    logs = {"landmarks_loss": 1.0, "smile_loss": 9.0}
    for epoch in range(3):
        UpdateWeighting(weighting).on_epoch_end(epoch, logs)
    assert (logs["landmarks_weight"], logs["smile_weight"]) == (1.0, 0.5)


# Task-wise stopping


def test_tcdcn_criterion_by_hand():
    train = [1.0, 0.8, 0.6, 0.5]
    # k = 2: the last three; median 0.6, sum 1.9; least of all 0.5.
    first = 2 * 0.6 / (1.9 - 2 * 0.6)
    second = (0.9 - 0.5) / (0.5 * 0.5)
    found = tcdcn_criterion(train, [9.0, 9.0, 9.0, 0.9], 2, lambda_a=0.5)
    assert found == pytest.approx(first * second)
    assert found == pytest.approx(2.742857, rel=1e-6)
    # The least training loss is that of all epochs, not of the window.
    train = [0.25, 0.8, 0.6, 0.5]
    found = tcdcn_criterion(train, [0.9], 2, lambda_a=1.0)
    assert found == pytest.approx(first * (0.9 - 0.25) / 0.25)
    # k = 3 has an even window: the mean of the middle two.
    train = [1.0, 0.8, 0.6, 0.4]
    found = tcdcn_criterion(train, [0.6], 3, lambda_a=1.0)
    assert found == pytest.approx(2.1 / 0.7 * 0.2 / 0.4)


@pytest.mark.parametrize(
    ("train", "lambda_a"),
    [
        ([1.0, 0.5], 1.0),  # fewer than k + 1 epochs
        ([0.0, 1.0, 1.0, 0.0], 1.0),  # the sum is no more than k medians
        ([1.0, 0.8, 0.0], 1.0),  # a task that is learned to the end
        ([1.0, 0.8, 0.6], 0.0),  # a task without weight
    ],
)
def test_tcdcn_criterion_says_nothing_without_a_trend(train, lambda_a):
    assert tcdcn_criterion(train, [5.0], 2, lambda_a) == 0.0


def test_tcdcn_criterion_is_negative_while_validation_is_better():
    assert tcdcn_criterion([1.0, 0.8, 0.6], [0.5], 2, 1.0) < 0


def test_threshold_criterion_by_hand():
    assert threshold_criterion([1.0]) == 0.0
    assert threshold_criterion([1.0, 0.4, 0.5]) == pytest.approx(0.25)
    assert threshold_criterion([1.0, 0.4, 0.3]) == 0.0


def stopping(model, method="threshold", **settings):
    """A learner of the model, its average and its stopping callback."""
    weighting = FixedWeighting(TASKS)
    losses = task_losses(model.tasks, LABELS, default_config()["loss"])
    learner = Learner(model, losses, weighting)
    average = WeightAverage(model, decay=0.0)
    given = {**default_config()["stopping"], "method": method, **settings}
    callback = TaskwiseStopping(
        model, average, weighting, "landmarks", given, verbose=1
    )
    callback.set_model(learner)
    learner.stop_training = False  # as `fit` begins
    return learner, average, callback


def epoch_logs(points, smile, train=0.5):
    return {
        "landmarks_loss": train,
        "smile_loss": train,
        "val_landmarks_loss": points,
        "val_smile_loss": smile,
    }


def set_head(model, task, value):
    head = model.get_layer(task)
    head.set_weights([np.full(w.shape, value) for w in head.weights])


def head_is(model, value):
    weights = model.get_layer("smile").get_weights()
    return all((weight == value).all() for weight in weights)


def test_a_task_stops_and_gets_its_best_head_back(capsys):
    model = network()
    learner, average, callback = stopping(model, threshold=0.1)
    # Best at epoch 1; 4 % above it at epoch 2; 19 % above it at epoch 3.
    for epoch, smile in enumerate([1.0, 0.8, 0.83, 0.95]):
        set_head(model, "smile", epoch)
        average.on_train_batch_end(0)
        logs = epoch_logs(1.0 / (epoch + 1), smile)
        assert callback.stopped == {}
        callback.on_epoch_end(epoch, logs)
        expected = smile / min([1.0, 0.8][: epoch + 1]) - 1
        assert logs["smile_stopping"] == pytest.approx(expected)
        assert logs["landmarks_stopping"] == 0.0
    assert callback.stopped == {"smile": 3}
    assert "Epoch 4: task 'smile' stopped." in capsys.readouterr().out
    assert callback.weighting.weights_now() == {"landmarks": 1.0, "smile": 0.0}
    assert not learner.stop_training
    with average.applied():
        assert head_is(model, 1)
    # The trunk goes on; the head gets no gradient any more.
    with tf.GradientTape() as tape:
        loss = learner.compute_loss(
            IMAGES, LABELS, model(IMAGES, training=True), KNOWN
        )
    weights = model.trainable_weights
    found = tape.gradient(loss, [weight.value for weight in weights])
    for weight, gradient in zip(weights, found, strict=True):
        assert np.any(gradient) != weight.path.startswith("smile/")
    # Whatever later steps do to it, the best head is validated and kept.
    for later in (7, 8):
        set_head(model, "smile", later)
        average.on_train_batch_end(0)
        for part in (average, callback):
            part.on_test_begin()
        assert head_is(model, 1)
        average.on_test_end()
        with average.applied():
            assert head_is(model, 1)
        logs = epoch_logs(0.1, 0.1)
        callback.on_epoch_end(later, logs)
        assert "smile_stopping" not in logs
    assert callback.stopped == {"smile": 3}


def test_heads_are_left_alone_where_asked():
    model = network()
    _, average, callback = stopping(model, restore_best=False)
    for epoch, smile in enumerate([1.0, 2.0]):
        set_head(model, "smile", epoch)
        average.on_train_batch_end(0)
        callback.on_epoch_end(epoch, epoch_logs(0.5, smile))
    assert callback.stopped == {"smile": 1}
    average.on_test_begin()
    callback.on_test_begin()
    assert head_is(model, 1)


def test_training_ends_with_the_main_task():
    learner, _, callback = stopping(network(), threshold=0.1)
    for epoch, points in enumerate([0.5, 0.54, 0.56]):
        assert not learner.stop_training
        callback.on_epoch_end(epoch, epoch_logs(points, 0.3))
    assert learner.stop_training
    assert callback.stopped == {"landmarks": 2}


def test_tcdcn_stops_auxiliary_tasks_and_never_the_main_one():
    model = network()
    learner, _, callback = stopping(model, "tcdcn", window=2, epsilon=2.0)
    train = [1.0, 0.8, 0.6, 0.5, 0.45]
    validation = [1.0, 0.9, 0.8, 0.9, 5.0]
    for epoch, (loss, value) in enumerate(zip(train, validation, strict=True)):
        logs = epoch_logs(value, value, train=loss)
        callback.on_epoch_end(epoch, logs)
        assert logs["landmarks_stopping"] == 0.0
        if epoch <= callback.stopped.get("smile", 99):
            history = train[: epoch + 1], validation[: epoch + 1]
            expected = tcdcn_criterion(*history, 2, 1.0)
            assert logs["smile_stopping"] == pytest.approx(expected)
            assert (expected > 2.0) == ("smile" in callback.stopped)
    assert list(callback.stopped) == ["smile"]
    assert not learner.stop_training


def test_stopping_goes_on_from_its_state():
    model = network()
    _, _, first = stopping(model, threshold=0.1)
    for epoch, smile in enumerate([1.0, 0.5]):
        first.on_epoch_end(epoch, epoch_logs(0.5, smile))
    _, _, resumed = stopping(model, threshold=0.1)
    resumed.set_state(json.loads(json.dumps(first.get_state())))
    for one in (first, resumed):
        one.on_epoch_end(2, epoch_logs(0.5, 0.6))
    assert first.stopped == resumed.stopped == {"smile": 2}
    assert first.get_state() == resumed.get_state()


# The best network


def answers(model):
    return np.asarray(model(IMAGES)["landmarks"])


@pytest.mark.parametrize(
    ("mode", "values"), [("min", [3, 2, 2, 2.5, 1]), ("max", [1, 2, 2, 1.5, 3])]
)
def test_the_best_averaged_network_is_kept(mode, values, tmp_path):
    model = network()
    average = WeightAverage(model, decay=0.5)
    file = tmp_path / "model.keras"
    best = KeepBest(model, average, file, "val_score", mode)
    for epoch, value in enumerate(values):
        before = file.read_bytes() if epoch else b""
        for weight in model.trainable_weights:
            weight.assign(weight + RNG.normal(0, 0.05, weight.shape))
        average.on_train_batch_end(0)
        raw = model.get_weights()
        best.on_epoch_end(epoch, {"val_score": value})
        assert_weights(model, raw, rtol=0)
        better = epoch in (0, 1, 4)  # an equal one is not better
        assert (file.read_bytes() != before) == better
        if better:
            assert best.epoch == epoch
            with average.applied():
                kept = answers(model)
            assert not np.allclose(kept, answers(model))
    np.testing.assert_array_equal(answers(load_model(file)), kept)
    assert [path.name for path in tmp_path.iterdir()] == ["model.keras"]


def test_the_best_file_is_whole_or_that_of_before(tmp_path, monkeypatch):
    model = network()
    average = WeightAverage(model)
    file = tmp_path / "model.keras"
    best = KeepBest(model, average, file, "loss")
    best.on_epoch_end(0, {"loss": 2.0})
    before = file.read_bytes()

    def killed(path, **kwargs):
        path.write_bytes(before[:100])
        raise KeyboardInterrupt

    monkeypatch.setattr(model, "save", killed)
    with pytest.raises(KeyboardInterrupt):
        best.on_epoch_end(1, {"loss": 1.0})
    assert file.read_bytes() == before
    monkeypatch.undo()
    set_head(model, "smile", 1.0)
    average.on_train_batch_end(0)
    best.on_epoch_end(2, {"loss": 0.5})
    assert file.read_bytes() != before
    load_model(file)


def test_nan_is_never_the_best(tmp_path):
    model = network()
    average = WeightAverage(model)
    best = KeepBest(model, average, tmp_path / "model.keras", "loss")
    best.on_epoch_end(0, {"loss": float("nan")})
    assert list(tmp_path.iterdir()) == []
    best.on_epoch_end(1, {"loss": 3.0})
    best.on_epoch_end(2, {"loss": float("nan")})
    assert (best.epoch, best.best) == (1, 3.0)


def test_the_best_of_a_resumed_run_counts(tmp_path):
    model = network()
    average = WeightAverage(model)
    first = KeepBest(model, average, tmp_path / "a.keras", "acc", "max")
    first.on_epoch_end(3, {"acc": 80.0})
    again = KeepBest(model, average, tmp_path / "b.keras", "acc", "max")
    again.set_state(json.loads(json.dumps(first.get_state())))
    again.on_epoch_end(4, {"acc": 79.0})
    assert again.epoch == 3
    assert not (tmp_path / "b.keras").exists()
    again.on_epoch_end(5, {"acc": 81.0})
    assert again.epoch == 5
    assert (tmp_path / "b.keras").exists()


# All of them in a short training


def test_in_a_training(tmp_path):
    """The kept network has the stopped task's best head, in `fit` itself."""
    model = network()
    learner, average, callback = stopping(model, threshold=0.1)
    learner.compile(keras.optimizers.AdamW(0.01), run_eagerly=True)
    heads, points = [], [0.9, 0.8, 0.7, 0.6]
    smiles = [1.0, 0.5, 0.9, 0.2]  # best at 1, stopped at 2, 0.2 too late

    def told(epoch, logs):
        logs |= epoch_logs(points[epoch], smiles[epoch])
        with average.applied():
            heads.append(model.get_layer("smile").get_weights())

    best = KeepBest(
        model, average, tmp_path / "model.keras", "val_landmarks_loss"
    )
    learner.fit(
        IMAGES,
        LABELS,
        sample_weight=KNOWN,
        validation_data=(IMAGES, LABELS, KNOWN),
        batch_size=6,
        epochs=4,
        callbacks=[
            average,
            keras.callbacks.LambdaCallback(on_epoch_end=told),
            callback,
            best,
        ],
        verbose=0,
    )
    assert callback.stopped == {"smile": 2}
    assert best.epoch == 3
    head = load_model(tmp_path).get_layer("smile").get_weights()
    for weight, kept in zip(head, heads[1], strict=True):
        np.testing.assert_array_equal(weight, kept)
    assert not np.array_equal(heads[0][0], heads[1][0])
    assert not np.array_equal(heads[2][0], heads[1][0])
