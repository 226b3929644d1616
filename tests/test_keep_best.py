"""The best network of a run."""

import json

import keras
import numpy as np
import pytest
from callback_case import (
    IMAGES,
    RNG,
    assert_weights,
    network,
    set_head,
)

from facemtl.models import load_model
from facemtl.training.callbacks import (
    KeepBest,
    WeightAverage,
)


@pytest.fixture(autouse=True)
def _seeded_weights():
    keras.utils.set_random_seed(0)


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
