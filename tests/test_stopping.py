"""Task-wise early stopping: its criteria, and what stops."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf
from callback_case import (
    IMAGES,
    KNOWN,
    LABELS,
    TASKS,
    network,
    set_head,
)

from facemtl.config import default_config, load_settings
from facemtl.models import load_model
from facemtl.mtl.criteria import tcdcn_criterion
from facemtl.training.callbacks import (
    KeepBest,
    TaskwiseStopping,
    WeightAverage,
)
from facemtl.training.learner import Learner
from facemtl.training.task_losses import task_losses
from facemtl.training.weighting import FixedWeighting


@pytest.fixture(autouse=True)
def _seeded_weights():
    keras.utils.set_random_seed(0)


def stopping(model, method="threshold", **settings):
    """A learner of the model, its average and its stopping callback."""
    weighting = FixedWeighting(TASKS)
    losses = task_losses(model.tasks, LABELS, load_settings().loss)
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


# All of them in a short training


@pytest.mark.slow
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
