"""Balanced gradients in `facemtl fit`: steps, state, and what is refused."""

import csv
import shutil
import warnings

import keras
import numpy as np
import pytest

import facemtl
from facemtl.config import load_config, load_settings
from facemtl.errors import InputError
from facemtl.models import FaceNetwork, load_model
from facemtl.mtl.balancing import named_balancing
from facemtl.mtl.callbacks.skipped import WarnSkipped
from facemtl.mtl.model import MultiTaskModel
from facemtl.tasks import GENDER, LANDMARKS, SMILE
from facemtl.training import trainer
from facemtl.training.balancing import RecordedBalancing, build_balancing
from facemtl.training.compiled import check_training
from facemtl.training.learner import Learner
from facemtl.training.losses import AttributeLoss, LandmarkLoss
from facemtl.training.weighting import FixedWeighting

TASKS = (LANDMARKS, SMILE, GENDER)
NAMES = [task.name for task in TASKS]
LAMBDAS = {"smile": 0.5, "gender": 2.0}
RNG = np.random.default_rng(0)
BATCH = (
    RNG.integers(0, 256, (6, 40, 40, 1)).astype("float32"),
    {
        "landmarks": RNG.uniform(size=(6, 5, 2)).astype("float32"),
        "smile": np.array([0, 1, 1, 0, 1, 0]),
        "gender": np.array([0, 0, 1, 0, 1, 1]),
    },
    {
        "landmarks": np.ones((6, 5), "float32"),
        "smile": np.array([1, 1, 1, 0, 1, 0], "float32"),
        "gender": np.ones(6, "float32"),
    },
)


def network(**settings):
    keras.utils.set_random_seed(0)
    # Without batch normalization, whose averages tell nothing of gradients.
    given = {"width": 0.1, "normalization": False, "activation": "tanh"}
    return FaceNetwork(TASKS, **(given | settings))


def losses():
    return {
        "landmarks": LandmarkLoss("l2", 1.0),
        "smile": AttributeLoss(),
        "gender": AttributeLoss(),
    }


def weighting():
    return FixedWeighting(NAMES, LAMBDAS)


def method(name):
    """The same method at each call: PCGrad's order is drawn by its seed."""
    seed = {"seed": 3} if name == "pcgrad" else {}
    return named_balancing(name, 3, **seed)


def stepped(model, steps=2):
    """The network's weights after a few steps of SGD on one batch."""
    model.compile(keras.optimizers.SGD(0.05), run_eagerly=True)
    model.optimizer.build(model.trainable_variables)
    for _ in range(steps):
        logs = model.train_step(BATCH)
    return model.network.get_weights(), logs


@pytest.mark.parametrize("name", ["pcgrad", "gradnorm"])
def test_a_step_is_that_of_a_multi_task_model(name):
    recorded = RecordedBalancing(method(name), NAMES)
    own = Learner(network(), losses(), weighting(), balancing=recorded)
    other = MultiTaskModel(network(), losses(), weighting(), method(name))
    weights, logs = stepped(own)
    wanted, _ = stepped(other)
    for one, found in zip(wanted, weights, strict=True):
        np.testing.assert_allclose(found, one, rtol=1e-5, atol=1e-6)
    assert np.isfinite(float(logs["loss"]))
    plain, _ = stepped(Learner(network(), losses(), weighting()))
    shared = [np.abs(a - b).max() for a, b in zip(plain, weights, strict=True)]
    assert max(shared) > 1e-5
    means = recorded.means()
    assert list(means) == NAMES
    assert all(np.isfinite(x) for x in means.values())
    assert sum(map(abs, recorded.means().values())) == 0.0


def test_the_weight_regularization_is_part_of_a_step():
    found = []
    for form in ("l2", "none"):
        term = {"form": form, "factor": 0.1}
        one = network(architecture="cross_stitch", weight_regularization=term)
        balancing = RecordedBalancing(method("mgda"), NAMES)
        learner = Learner(one, losses(), weighting(), balancing=balancing)
        weights, _ = stepped(learner, steps=1)
        paths = [w.path for w in one.weights]
        found.append(dict(zip(paths, weights, strict=True)))
    moved = [p for p, w in found[1].items() if np.any(w != found[0][p])]
    assert any("conv1" in path for path in moved)


@pytest.mark.parametrize(
    ("settings", "names", "message"),
    [
        ([], ["smile"], r"two or more tasks with .*'pcgrad'.*\['smile'\]"),
        (["train.devices=2"], NAMES, "train.devices = 1 with .*: 2"),
        (["train.precision=mixed_float16"], NAMES, "'mixed_bfloat16' with"),
        (["weighting.balancing=pcgad"], NAMES, "balancing in .*'pcgad'"),
    ],
)
def test_what_balancing_does_not_work_with_is_refused(settings, names, message):
    given = ["weighting.balancing=pcgrad", *settings]
    with pytest.raises(InputError, match=message) as error:
        build_balancing(names, load_settings("split", settings=given))
    assert "\n" not in str(error.value)


def test_other_backends_are_refused(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    given = load_settings("split", settings=["weighting.balancing=mgda"])
    with pytest.raises(InputError, match=r"backend = 'tensorflow' .*'jax'"):
        build_balancing(NAMES, given)


def test_settings_are_checked_before_photos_are_read():
    given = load_settings("split", settings=["weighting.balancing=mgda"])
    check_training(TASKS, given)
    with pytest.raises(InputError, match="two or more tasks"):
        check_training((LANDMARKS,), given)


def test_a_loss_that_is_nan_is_left_out_in_one_line():
    x, y, weight = BATCH
    y = y | {"landmarks": np.full((6, 5, 2), np.nan, "float32")}
    one = network()
    before = {w.path: np.asarray(w) for w in one.weights}
    balancing = RecordedBalancing(method("mgda"), NAMES)
    learner = Learner(one, losses(), weighting(), balancing=balancing)
    learner.compile(keras.optimizers.SGD(0.05), run_eagerly=True)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        log = learner.fit(
            x, y, 3, 1, 0, [WarnSkipped()], sample_weight=weight
        ).history
    lines = [str(one.message) for one in said if one.category is UserWarning]
    assert lines == [
        "Epoch 1: the loss of task 'landmarks' was not finite in 2 batches, "
        "which did not train it. Check its labels and its loss."
    ]
    assert np.isfinite(log["loss"]).all()
    assert np.isnan(log["landmarks_loss"]).all()
    assert balancing.means()["smile"] > 0
    for w in one.weights:
        assert np.isfinite(w).all()
        same = np.array_equal(w, before[w.path])
        assert same == w.path.startswith("landmarks"), w.path


def test_tasks_that_share_nothing_are_named():
    one = network(architecture="cross_stitch", stitch={"stages": []},
                  streams=[["landmarks"], ["smile"], ["gender"]])  # fmt: skip
    balancing = RecordedBalancing(method("mgda"), NAMES)
    learner = Learner(one, losses(), weighting(), balancing=balancing)
    with pytest.raises(InputError, match="tasks with a shared layer"):
        stepped(learner)


def test_runs_without_balancing_have_no_state_of_it():
    learner = Learner(network(), losses(), weighting())
    assert learner.balancing is None
    assert not [v for v in learner.variables if "balancing" in v.path]


@pytest.mark.parametrize(
    ("name", "state"),
    [("pcgrad", "seed_generator_state"), ("gradnorm", "first_losses")],
)
def test_the_state_of_a_balancing_is_that_of_the_run(name, state):
    """`RunState` keeps the variables of the learner."""
    recorded = RecordedBalancing(method(name), NAMES)
    learner = Learner(network(), losses(), weighting(), balancing=recorded)
    kept = [v for v in learner.variables if v.path.endswith(state)]
    assert len(kept) == 1
    before = np.asarray(kept[0])
    stepped(learner, steps=1)
    assert np.any(np.asarray(kept[0]) != before)


def run(folder, **options):
    settings = [
        *("data.source=synthetic", "data.faces=20", "train.batch_size=8"),
        *("model.width=0.1", "model.tasks=['landmarks', 'smile']"),
        *("train.epochs=2", "weighting.balancing=pcgrad"),
    ]
    config = load_config("mmoe", settings=settings)
    facemtl.train(config, folder, verbose=0, test=False, **options)
    return {w.path: np.asarray(w) for w in load_model(folder).weights}


@pytest.mark.slow
def test_a_run_cut_off_resumes_to_the_same_weights(tmp_path, monkeypatch):
    end = trainer.cb.RunState.on_epoch_end

    def copied(self, epoch, logs=None):
        end(self, epoch, logs)
        if epoch == 0:
            shutil.copytree(tmp_path / "whole", tmp_path / "cut")

    with monkeypatch.context() as patched:
        patched.setattr(trainer.cb.RunState, "on_epoch_end", copied)
        whole = run(tmp_path / "whole")
    resumed = run(tmp_path / "cut", resume=True)
    assert resumed.keys() == whole.keys()
    for path, weight in whole.items():
        np.testing.assert_array_equal(resumed[path], weight, err_msg=path)
    logs = [
        (tmp_path / x / "history.csv").read_text() for x in ("whole", "cut")
    ]
    assert logs[0] == logs[1]
    rows = list(csv.DictReader(logs[0].splitlines()))
    assert len(rows) == 2
    for task in ("landmarks", "smile"):  # 1, or more where they conflict
        assert all(float(row[f"{task}_balance"]) >= 1.0 for row in rows)
