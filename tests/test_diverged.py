"""A training that diverges ends, and never leaves its numbers as the best."""

import json

import numpy as np
import pytest
from callback_case import network

import facemtl
from facemtl.errors import RunFailed
from facemtl.fit import main
from facemtl.studies.run import Run
from facemtl.studies.runner import train_all
from facemtl.studies.study import Variant
from facemtl.training import callbacks
from facemtl.training.callbacks import KeepBest, StopDiverged, WeightAverage

QUICK = (
    *("data.source=synthetic", "data.faces=64", "model.width=0.25"),
    *("train.batch_size=16", "train.epochs=4"),
)
SETS = [word for setting in QUICK for word in ("--set", setting)]


def stopper(**state):
    model = network()
    model.stop_training = False
    stop = StopDiverged(model, verbose=0)
    stop.set_model(model)
    stop.set_state({"reason": "", "untrained": {}, **state})
    return stop, model


def poison(model, value=np.nan):
    """One weight of a convolution that no number of the log shows."""
    kernel = model.trainable_weights[0]
    values = kernel.numpy()
    values.flat[0] = value
    kernel.assign(values)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_no_numbers_are_never_the_best(value, tmp_path):
    model = network()
    average = WeightAverage(model, decay=0.0)
    best = KeepBest(model, average, tmp_path / "model.keras", "val_score")
    best.on_epoch_end(0, {"val_score": 3.0})
    before = (tmp_path / "model.keras").read_bytes()
    poison(model, value)
    average.on_train_batch_end(0)
    best.on_epoch_end(1, {"val_score": 1.0})
    assert (best.epoch, best.best) == (0, 3.0)
    assert (tmp_path / "model.keras").read_bytes() == before


def test_a_loss_that_is_no_number_ends_training():
    for loss in (float("nan"), float("inf")):
        stop, model = stopper()
        stop.on_train_batch_end(0, {"loss": 2.0, "landmarks_loss": 2.0})
        assert not model.stop_training
        stop.on_train_batch_end(1, {"loss": loss})
        assert model.stop_training
        assert stop.reason == "the loss is not a number"


def test_weights_that_are_no_numbers_end_training():
    stop, model = stopper()
    stop.on_epoch_end(0, {"landmarks_loss": 1.0, "val_landmarks_loss": 1.0})
    assert not model.stop_training
    poison(model)
    stop.on_epoch_end(1, {"landmarks_loss": 1.0, "val_landmarks_loss": 1.0})
    assert model.stop_training
    assert stop.reason == "weights are not numbers"


@pytest.mark.parametrize(
    ("train", "validation", "ends"),
    [
        (3001.0, 3001.0, True),
        (3001.0, 2999.0, False),  # a first step too far, and back
        (2999.0, 3001.0, False),  # moving statistics that are not there yet
        (20.0, 20.0, False),
    ],
)
def test_a_finite_explosion_ends_training(train, validation, ends):
    stop, model = stopper()
    stop.in_step({"loss": 30.0, "landmarks_loss": 30.0})
    stop.in_step({"loss": 9.0, "landmarks_loss": 9.0})
    assert stop.untrained == {"landmarks_loss": 30.0}
    again, model = stopper(**json.loads(json.dumps(stop.get_state())))
    logs = {"landmarks_loss": train, "val_landmarks_loss": validation}
    again.on_epoch_end(1, logs)
    assert model.stop_training is ends
    assert again.reason == ("the loss of landmarks exploded" if ends else "")


@pytest.mark.slow
@pytest.mark.parametrize("rate", ["20", "4e9"])
def test_a_fit_without_a_usable_network_ends_with_status_1(
    rate, tmp_path, capsys
):
    out = tmp_path / "run"
    words = [*SETS, "--set", f"train.learning_rate={rate}", "--out", str(out)]
    words += ["--set", "train.average=0", "--set", "train.warm_up=0"]
    with pytest.raises(RunFailed, match="Training diverged") as error:
        main(words)
    assert "\n" not in str(error.value)
    if (out / "model.keras").exists():
        kept = facemtl.load_model(out)
        assert all(np.isfinite(w).all() for w in kept.get_weights())
    assert len((out / "history.csv").read_text().splitlines()) <= 3
    with pytest.raises(RunFailed) as again:
        main([*words, "--resume"])
    assert str(again.value) == str(error.value)


@pytest.fixture
def poisoned(monkeypatch):
    """The third epoch begins with a weight that is not a number."""

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 2:
            poison(self.model.network)

    name = "on_epoch_begin"
    monkeypatch.setattr(callbacks.UpdateWeighting, name, on_epoch_begin)


@pytest.mark.slow
def test_the_best_epoch_before_is_kept_and_why_is_said(
    poisoned, tmp_path, capsys
):
    out = tmp_path / "run"
    assert main([*SETS, "--out", str(out)]) == 0
    report = json.loads((out / "report.json").read_text())
    best = report["best_epoch"]
    assert best in (1, 2)
    why = report["ended_early"]
    assert why.startswith("Training diverged in epoch 3: ")
    assert f"The network is that of epoch {best}." in why
    assert why in capsys.readouterr().out.splitlines()
    kept = facemtl.load_model(out)
    assert all(np.isfinite(w).all() for w in kept.get_weights())
    assert main([*SETS, "--out", str(out), "--resume"]) == 0
    assert why in capsys.readouterr().out.splitlines()
    # No study counts such a run, though its network can be used.
    config = facemtl.load_config("split", settings=QUICK)
    run = Run(Variant("cut", "", config), config, out)
    assert not run.usable
    with pytest.raises(facemtl.InputError) as error:
        train_all([run], jobs=1)
    assert f"The first: 'cut': {why}" in str(error.value)


@pytest.mark.slow
def test_a_sound_run_has_not_ended_early(tmp_path):
    config = facemtl.load_config("split", settings=QUICK)
    report = facemtl.train(config, tmp_path / "run", verbose=0)
    assert (report["ended_early"], report["epochs"]) == ("", 4)
