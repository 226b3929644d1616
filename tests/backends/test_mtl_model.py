"""`MultiTaskModel` with every kind of data, and what it does with bad input."""

import warnings
from importlib import import_module

import keras
import numpy as np
import pytest
from mtl_case import LABELS, LOSSES, X, heads, network, numpy

from facemtl.mtl import (
    TCDCN,
    WEIGHTINGS,
    DynamicWeightAverage,
    FixedWeighting,
    MultiTaskModel,
    TaskwiseStopping,
)

LOGGED = {"loss", *(f"{t}_{x}" for t in LABELS for x in ("loss", "weight"))}
LISTED = list(LABELS.values())
BATCHES = 4


def compiled(model=None, losses=LOSSES, weighting="fixed", **words):
    """Without a graph: few steps take less time than to trace one."""
    words = {"jit_compile": False, "run_eagerly": True} | words
    learner = MultiTaskModel(model or network(), losses, weighting)
    learner.compile(keras.optimizers.SGD(0.1), **words)
    return learner


def fit(learner, x=X, y=LABELS, **words):
    words = {
        "batch_size": 8,
        "epochs": 2,
        "shuffle": False,
        "verbose": 0,
    } | words
    return learner.fit(x, y, **words).history


class Batches(keras.utils.PyDataset):
    def __len__(self):
        return BATCHES

    def __getitem__(self, i):
        rows = slice(8 * i, 8 * i + 8)
        return X[rows], {k: v[rows] for k, v in LABELS.items()}


def test_it_trains_as_keras_does_with_equal_weights():
    ours, theirs = network(), network()
    log = fit(compiled(ours, run_eagerly=False))
    theirs.compile(keras.optimizers.SGD(0.1), LOSSES, jit_compile=False)
    expected = fit(theirs)
    assert set(log) == LOGGED
    for name in ("loss", "size_loss", "parity_loss"):
        np.testing.assert_allclose(log[name], expected[name], rtol=1e-4)
    for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


@pytest.mark.slow
def test_every_kind_of_data_is_the_same():
    expected = fit(compiled())["loss"]
    kinds = {
        "listed outputs": (compiled(network(True)), LABELS),
        "listed labels": (
            compiled(network(True), list(LOSSES.values())),
            LISTED,
        ),
    }
    for kind, (learner, labels) in kinds.items():
        found = fit(learner, y=labels)["loss"]
        np.testing.assert_allclose(found, expected, rtol=1e-4, err_msg=kind)
    batches = [Batches()]
    if keras.backend.backend() == "tensorflow":
        data = import_module("tensorflow").data.Dataset
        batches.append(data.from_tensor_slices((X, LABELS)).batch(8))
    for data in batches:
        log = compiled().fit(data, epochs=2, shuffle=False, verbose=0).history
        np.testing.assert_allclose(log["loss"], expected, rtol=1e-4)
    ones = {task: np.ones(len(X)) for task in LABELS}
    for weight in (ones, np.ones(len(X))):
        found = fit(compiled(), sample_weight=weight)["loss"]
        np.testing.assert_allclose(found, expected, rtol=1e-4)


@pytest.mark.slow
def test_nested_outputs_have_paths_for_names():
    x = keras.Input((6,))
    parts = heads(keras.layers.Dense(4)(x))
    model = keras.Model(x, {"a": parts, "b": keras.layers.Dense(1)(x)})
    labels = {"a": LABELS, "b": LABELS["size"]}
    learner = compiled(model, {"a": LOSSES, "b": "mae"})
    assert learner.tasks == ["a/size", "a/parity", "b"]
    log = fit(learner, y=labels, validation_split=0.25)
    assert {"a/size_loss", "val_a/parity_loss", "b_weight"} <= set(log)


@pytest.mark.slow
def test_metrics_are_keras_metrics_and_show_in_its_bar(capsys):
    learner = compiled(
        run_eagerly=False, metrics={"parity": ["accuracy"], "size": ["mae"]}
    )
    log = fit(learner, validation_split=0.25, verbose=2, epochs=1)
    shown = capsys.readouterr().out
    for name in ("size_loss", "parity_accuracy", "val_size_mae"):
        assert name in log
        assert f"{name}: " in shown
    assert 0 <= log["parity_accuracy"][0] <= 1
    scores = learner.evaluate(X, LABELS, verbose=0, return_dict=True)
    assert {"loss", "parity_accuracy"} <= set(scores)
    assert set(learner.predict(X, verbose=0)) == set(LABELS)


@pytest.mark.slow
def test_unlabelled_samples_do_not_count():
    """What the label of a sample of weight 0 says makes no difference."""
    known = {"size": np.ones(32), "parity": np.arange(32) % 2.0}
    other = np.where(known["parity"][:, None] > 0, LABELS["parity"], 0.5)
    runs = []
    for parity in (LABELS["parity"], other):
        model = network()
        log = fit(
            compiled(model), y={**LABELS, "parity": parity}, sample_weight=known
        )
        runs.append([log["parity_loss"], *model.get_weights()])
    for a, b in zip(*runs, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("name", WEIGHTINGS)
def test_every_weighting_trains(name):
    model = network()
    before = model.get_weights()
    learner = compiled(model, weighting=name)
    log = fit(learner, epochs=3, validation_split=0.25)
    assert np.isfinite([log["loss"], log["val_loss"]]).all()
    assert log["size_loss"][-1] < log["size_loss"][0]
    for a, b in zip(before, model.get_weights(), strict=True):
        assert not np.array_equal(a, b)
    moved = name not in ("fixed",)
    weights = np.array([log["size_weight"], log["parity_weight"]]).T
    assert moved == bool(np.ptp(weights, axis=0).any())


@pytest.mark.slow
def test_dynamic_weights_are_updated_without_a_callback():
    learner = compiled(weighting=DynamicWeightAverage(list(LABELS)))
    fit(learner, epochs=3)
    assert learner.weighting.weights_now() != {"size": 1.0, "parity": 1.0}


def fit_nan(learner):
    """A log of an epoch in which the size is NaN, and what was warned of."""
    labels = {**LABELS, "size": np.full((32, 1), np.nan, "float32")}
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        log = fit(learner, y=labels, epochs=1)
    return log, [str(x.message) for x in said if x.category is UserWarning]


@pytest.mark.slow
@pytest.mark.parametrize("name", WEIGHTINGS)
def test_a_loss_that_is_nan_harms_no_other_task(name):
    model = network()
    heads = [model.get_layer(task) for task in LABELS]
    before = [head.get_weights() for head in heads]
    log, said = fit_nan(compiled(model, weighting=name))
    assert said == [
        "Epoch 1: the loss of task 'size' was not finite in 4 batches, "
        "which did not train it. Check its labels and its loss."
    ]
    assert np.isnan(log["size_loss"][0])
    assert np.isfinite(log["parity_loss"][0])
    assert all(np.isfinite(w).all() for w in model.get_weights())
    size, parity = (
        all(map(np.array_equal, old, head.get_weights()))
        for old, head in zip(before, heads, strict=True)
    )
    assert size
    assert not parity


def test_nan_trains_the_others_as_if_the_task_were_not_there():
    one, other = network(), network()
    fit_nan(compiled(one))
    weighting = FixedWeighting(["parity", "size"], {"size": 0.0})
    fit(compiled(other, weighting=weighting), epochs=1)
    for a, b in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-7)


@pytest.mark.slow
def test_a_task_is_stopped_by_patience(capsys):
    learner = compiled()
    stopping = TaskwiseStopping("val_{task}_loss", patience=2, min_delta=9.0)
    log = fit(learner, epochs=9, validation_split=0.25, callbacks=[stopping])
    # Nothing improves by 9 after the first epoch.
    assert stopping.stopped == {"size": 2, "parity": 2}
    assert len(log["loss"]) == 3
    assert log["size_stopping"] == [0, 1, 2]
    assert "Epoch 3: task 'parity' stopped." in capsys.readouterr().out
    assert learner.weighting.weights_now() == {"size": 0.0, "parity": 0.0}


def test_the_main_task_ends_training_by_tcdcns_criterion():
    learner = compiled()
    criterion = TCDCN(window=1, epsilon=0.0)
    stopping = TaskwiseStopping(criterion=criterion, main="size", verbose=0)

    def rising(epoch, logs):
        """Training losses fall; the gap of validation makes the index 18."""
        for task, last in (("size", 0.5), ("parity", 2.0)):
            logs |= {f"{task}_loss": [1.0, last][epoch]}
            logs |= {f"val_{task}_loss": 2.0}

    fake = keras.callbacks.LambdaCallback(on_epoch_end=rising)
    log = fit(learner, epochs=5, callbacks=[fake, stopping])
    # k med / (Σ - k med) = 0.75 / 0.75; (2 - 0.5) / 0.5 = 3.
    assert log["size_stopping"] == [0, pytest.approx(3)]
    assert log["parity_stopping"] == [0, pytest.approx(1)]
    assert stopping.stopped == {"size": 1, "parity": 1}
    assert len(log["loss"]) == 2


@pytest.mark.slow
def test_a_head_gets_its_best_weights_back_only_if_asked():
    for asked in (False, True):
        model = network()
        head, learner = model.get_layer("parity"), compiled(model)
        seen = []
        keep = keras.callbacks.LambdaCallback(
            on_epoch_end=lambda e, logs, seen=seen, head=head: seen.append(
                head.get_weights()
            )
        )
        stopping = TaskwiseStopping(
            patience=2,
            heads={"parity": head} if asked else None,
            verbose=0,
        )

        def falling(epoch, logs):
            logs |= {"val_parity_loss": epoch, "val_size_loss": -10.0 * epoch}

        fake = keras.callbacks.LambdaCallback(on_epoch_end=falling)
        fit(
            learner,
            epochs=4,
            validation_split=0.25,
            callbacks=[keep, fake, stopping],
        )
        assert stopping.stopped == {"parity": 2}
        best = seen[0] if asked else seen[2]
        for a, b in zip(best, head.get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("make", "said"),
    [
        (
            lambda: MultiTaskModel(network(), {"size": "mse"}),
            "two or more tasks",
        ),
        (lambda: MultiTaskModel(network(), "mse"), "a dictionary or a list"),
        (
            lambda: MultiTaskModel(network(), {**LOSSES, "age": "mse"}),
            r"model's outputs .*Received: \['age'\]",
        ),
        (
            lambda: MultiTaskModel(network(), LOSSES, FixedWeighting(["size"])),
            r"weighting of tasks .*Received: \['size'\]",
        ),
        (
            lambda: MultiTaskModel(network(), LOSSES, "best"),
            "Expected weighting",
        ),
        (
            lambda: MultiTaskModel(network(), LOSSES, balancing="best"),
            "Expected balancing in",
        ),
        (lambda: MultiTaskModel(network(True), ["mse"]), "a list of 2 parts"),
        (
            lambda: fit(compiled(), y={"size": LABELS["size"]}),
            r"labels of tasks .*without \['parity'\]",
        ),
        (lambda: TaskwiseStopping("val_loss"), "Expected monitor with {task}"),
        (
            lambda: fit(compiled(), callbacks=[TaskwiseStopping(verbose=0)]),
            "Give fit validation_data",
        ),
        (
            lambda: fit(compiled(), callbacks=[TaskwiseStopping(main="age")]),
            r"Received: \['age'\]",
        ),
    ],
)
def test_wrong_inputs_are_one_line(make, said):
    with pytest.raises(ValueError, match=said) as error:
        make()
    assert "\n" not in str(error.value)


def test_a_valid_run_warns_of_nothing():
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        fit(compiled())


def test_the_network_is_saved_by_itself(tmp_path):
    model = network()
    fit(compiled(model))
    model.save(tmp_path / "model.keras")
    read = keras.saving.load_model(tmp_path / "model.keras")
    for task, expected in model(X).items():
        np.testing.assert_allclose(
            numpy(read(X)[task]), numpy(expected), rtol=1e-5
        )
