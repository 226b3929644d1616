"""Names of tasks: what Keras takes, and what means one thing only."""

import keras
import numpy as np
import pytest

from facemtl.config import default_config
from facemtl.errors import InputError
from facemtl.evaluation.metrics import Accuracy, BalancedAccuracy, task_metrics
from facemtl.models import FaceNetwork
from facemtl.pipeline.teacher import TEACHER
from facemtl.tasks import LANDMARKS, SMILE, Task, load_tasks
from facemtl.training.callbacks import TaskwiseStopping
from facemtl.training.callbacks.average import WeightAverage
from facemtl.training.learner import Learner
from facemtl.training.losses import AttributeLoss
from facemtl.training.weighting import FixedWeighting


def classes(name):
    return Task(name, "classes", ("yes", "no"))


@pytest.mark.parametrize(
    "name",
    [
        "lächeln",
        "年齢",
        "_smile",
        "1",
        "12_5",
        "a b",
        "a-b",
        "a/b",
        "a.b",
        "",
        None,
        3,
    ],
)
def test_names_that_keras_does_not_take(name, tmp_path):
    with pytest.raises(InputError) as error:
        classes(name)
    assert str(error.value) == (
        "Expected a task name of ASCII letters, digits and '_', with at least "
        "one letter and no '_' first (names of points and classes may be in "
        f"any language). Received: {name!r}."
    )
    if isinstance(name, str):
        toml = f'[[task]]\nname = "{name}"\nkind = "value"\n'
        (tmp_path / "tasks.toml").write_text(toml, encoding="utf-8")
        with pytest.raises(InputError, match="Expected a task name of ASCII"):
            load_tasks(tmp_path / "tasks.toml")


@pytest.mark.parametrize(
    "name",
    [
        "a",
        "A1",
        "smile_2",
        "Smile__",
        "class",
        "5_o_Clock_Shadow",
        "1st",
        "1e5",
    ],
)
def test_names_that_keras_takes(name, tmp_path):
    network = FaceNetwork((LANDMARKS, classes(name)), width=0.1)
    network.save(tmp_path / "model.keras")
    read = keras.saving.load_model(tmp_path / "model.keras")
    image = np.zeros((1, 40, 40, 1), "uint8")
    np.testing.assert_array_equal(read(image)[name], network(image)[name])


def test_points_and_classes_in_any_language():
    task = Task("laecheln", "classes", ("fröhlich", "笑"))
    assert FaceNetwork((LANDMARKS, task), width=0.1).tasks[1] == task


ARCHITECTURES = {
    "split": {"architecture": "split"},
    "cross_stitch": {"architecture": "cross_stitch"},
    "residual": {"architecture": "cross_stitch", "blocks": "residual"},
    "heatmap": {"landmarks": "heatmap"},
    "mmoe": {"architecture": "mmoe"},
    "mirrored": {"mirrored": True},
    "normalized": {"fc_normalization": True},
}


@pytest.mark.parametrize("kind", ARCHITECTURES)
def test_names_of_inner_layers_are_refused_in_one_line(kind):
    settings = {"width": 0.1, **ARCHITECTURES[kind]}
    network = FaceNetwork((LANDMARKS, SMILE), **settings)
    inner = {x.name for x in network.operations} - {"landmarks", "smile"}
    assert {"image", "scale", "conv1", "flat", "fc"} < inner
    for name in inner:
        with pytest.raises(InputError) as error:
            FaceNetwork((LANDMARKS, SMILE, classes(name)), **settings)
        assert str(error.value) == (
            "Expected task names other than those of the network's own "
            f"layers. Received: task '{name}', and a layer '{name}'. Rename "
            "the task."
        )


@pytest.mark.parametrize(
    ("tasks", "settings", "received"),
    [
        (
            (Task("act", "landmarks", ("a", "b")), SMILE),
            {},
            "task 'act', and a layer 'act_fc'",
        ),
        (
            (classes("x"), classes("x_mean")),
            {"mirrored": True},
            "task 'x_mean', and a layer 'x_mean'",
        ),
        (
            (SMILE, classes("smile_attention_fc")),
            {"architecture": "mtan"},
            "task 'smile_attention_fc', and a layer 'smile_attention_fc'",
        ),
        (
            (LANDMARKS, classes("resize_7")),
            {"landmarks": "heatmap"},
            "task 'resize_7', and a layer 'resize_7'",
        ),
    ],
)
def test_names_that_meet_others_layers(tasks, settings, received):
    with pytest.raises(InputError) as error:
        FaceNetwork(tasks, width=0.1, **settings)
    assert f"Received: {received}. Rename the task." in str(error.value)


@pytest.mark.parametrize("name", ["reshape", "add", "activation", "add_1"])
def test_heat_maps_have_no_names_of_keras_own(name):
    tasks = (LANDMARKS, classes(name))
    for _ in range(2):
        network = FaceNetwork(tasks, width=0.1, landmarks="heatmap")
    assert {task.name for task in tasks} == set(network.output)


def test_a_class_is_not_restored_by_a_layer_of_the_tower():
    """`act_fc` is a layer of every tower, `act` a task's own head."""
    tasks = (LANDMARKS, classes("act"))
    network = FaceNetwork(tasks, width=0.1)
    callback = TaskwiseStopping(
        network,
        WeightAverage(network),
        FixedWeighting([task.name for task in tasks]),
        "landmarks",
        {**default_config()["stopping"], "method": "threshold"},
    )
    assert callback._head("act").name == "act"
    assert callback._head("landmarks").name == "landmarks_fc"


@pytest.mark.parametrize(
    ("names", "received"),
    [
        (
            ["smile", "smile_balanced"],
            "'smile_balanced_accuracy' of task 'smile' and of task "
            "'smile_balanced'",
        ),
        (
            ["smile", "val_smile"],
            "'val_smile_loss' of task 'smile' and of task 'val_smile'",
        ),
        (
            ["smile", "val"],
            "'val_loss' of the sum of the losses and of task 'val'",
        ),
    ],
)
def test_names_that_meet_in_the_log(names, received):
    tasks = [classes(name) for name in names]
    network = FaceNetwork(tasks, width=0.1)
    with pytest.raises(InputError) as error:
        Learner(
            network,
            {name: AttributeLoss() for name in names},
            FixedWeighting(names),
            {task.name: task_metrics(task) for task in tasks},
        )
    assert str(error.value) == (
        "Expected task names that differ in the log. Received "
        f"{received}. Rename the task."
    )


def test_names_that_only_begin_alike_are_kept_apart():
    names = ["smile", "smile_2", "valid"]
    network = FaceNetwork([classes(name) for name in names], width=0.1)
    learner = Learner(
        network,
        {name: AttributeLoss() for name in names},
        FixedWeighting(names),
        {name: [Accuracy(), BalancedAccuracy(2)] for name in names},
    )
    logged = [m.name for own in learner.task_metrics.values() for m in own]
    assert len(set(logged)) == 6


def test_no_task_bears_the_name_of_the_teachers_predictions():
    with pytest.raises(InputError):
        classes(TEACHER)


def test_no_task_bears_the_name_of_an_exports_input():
    with pytest.raises(InputError, match=r"other than 'crops'.* Rename"):
        FaceNetwork((LANDMARKS, classes("crops")), width=0.1)


@pytest.mark.slow
def test_a_name_that_begins_with_a_digit_is_exported(tmp_path):
    """CelebA has such an attribute."""
    from facemtl.export.formats import export_network
    from facemtl.inference.runtimes import load_network

    name = "5_o_Clock_Shadow"
    network = FaceNetwork(
        (LANDMARKS, classes(name)), width=0.1, architecture="mmoe"
    )
    network.save(tmp_path / "model.keras")
    export_network(
        tmp_path / "model.keras",
        tmp_path / "out",
        ["saved_model", "tflite", "onnx"],
        ["none"],
    )
    crops = np.random.default_rng(0).integers(0, 256, (3, 40, 40, 1), "uint8")
    expected = network.predict(crops, verbose=0)
    for file in ("saved_model", "model_float32.tflite", "model.onnx"):
        found = load_network(tmp_path / "out" / file).predict(crops)
        np.testing.assert_allclose(found[name], expected[name], atol=1e-4)
