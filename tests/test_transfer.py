"""Transfer of a trained network's weights to a network of other tasks."""

import numpy as np
import pytest

import facemtl
from facemtl.errors import InputError
from facemtl.models import FaceNetwork
from facemtl.models.transfer import freeze, load_start, transfer
from facemtl.tasks import GENDER, LANDMARKS, MTFL_TASKS, SMILE, Task

SMALL = {"width": 0.1, "blocks": "residual", "landmarks": "heatmap"}
MOOD = Task("mood", "classes", ("happy", "sad", "other"))
EYES = Task("landmarks", "landmarks", ("left eye", "right eye"))
BROWS = Task("brows", "landmarks", ("left brow", "right brow"))
YES_NO = Task("smile", "classes", ("no", "yes"))
AGE = Task("age", "value")
CROPS = np.random.default_rng(0).integers(0, 256, (3, 40, 40, 1), "uint8")


def values(network):
    return {x.path: x.numpy() for x in network.weights}


def test_the_same_tasks_receive_everything():
    source, target = (FaceNetwork(MTFL_TASKS, **SMALL) for _ in range(2))
    done = transfer(source, target)
    assert done.heads == tuple(task.name for task in MTFL_TASKS)
    assert done.new == done.left_out == ()
    assert set(done.kept) == set(values(target))
    one, other = (
        source.predict(CROPS, verbose=0),
        target.predict(CROPS, verbose=0),
    )
    assert all(np.array_equal(one[task], other[task]) for task in one)


def test_heads_of_other_tasks_stay_as_they_are():
    source = FaceNetwork((LANDMARKS, SMILE, GENDER), **SMALL)
    target = FaceNetwork((LANDMARKS, MOOD, GENDER), **SMALL)
    before, trained = values(target), values(source)
    done = transfer(source, target)
    assert (done.heads, done.new) == (("landmarks", "gender"), ("mood",))
    assert done.left_out == ("smile",)
    for path, value in values(target).items():
        wanted = before if path.startswith("mood") else trained
        assert np.array_equal(value, wanted[path]), path


@pytest.mark.parametrize(
    "task", [YES_NO, EYES, BROWS], ids=lambda task: task.name
)
def test_equal_names_are_needed_for_a_head(task):
    """Other classes, other points, another name: the last layer is new."""
    source = FaceNetwork((LANDMARKS, SMILE), **SMALL)
    target = FaceNetwork((task,), **SMALL)
    before = values(target)
    done = transfer(source, target)
    assert (done.heads, done.new) == ((), (task.name,))
    assert done.left_out == ("landmarks", "smile")
    last = "_heatmaps" if task.kind == "landmarks" else ""
    path = f"{task.name}{last}/kernel"
    assert np.array_equal(values(target)[path], before[path])


def test_a_head_may_start_anew():
    source, target = (FaceNetwork((LANDMARKS, SMILE), **SMALL) for _ in "ab")
    before = values(target)
    done = transfer(source, target, anew=["smile"])
    assert (done.heads, done.new) == (("landmarks",), ("smile",))
    kernel = values(target)["smile/kernel"]
    assert np.array_equal(kernel, before["smile/kernel"])


@pytest.mark.parametrize("task", [EYES, BROWS], ids=lambda task: task.name)
def test_other_points_keep_the_layers_of_their_maps(task):
    source = FaceNetwork((LANDMARKS, SMILE), **SMALL)
    target = FaceNetwork((task,), **SMALL)
    transfer(source, target)
    ours, theirs = values(target), values(source)
    for part in ("whole/kernel", "from1/kernel", "from4/bias", "norm/gamma"):
        one, other = ours[f"{task.name}_{part}"], theirs[f"landmarks_{part}"]
        assert np.array_equal(one, other), part


@pytest.mark.parametrize(
    ("key", "other"),
    [
        ("width", {"width": 0.2}),
        ("blocks", {"blocks": "depthwise"}),
        ("landmarks", {"landmarks": "dense"}),
        ("fc_normalization", {"fc_normalization": True}),
        ("data.size", {"crop": {"size": 48}}),
        ("data.color", {"crop": {"color": "rgb"}}),
    ],
)
def test_towers_and_crops_must_agree(key, other):
    source = FaceNetwork((LANDMARKS,), **SMALL)
    target = FaceNetwork((LANDMARKS,), **{**SMALL, **other})
    with pytest.raises(InputError, match=f"^Expected [a-z]*.?{key} = .*--from"):
        transfer(source, target)


def test_a_margin_may_differ():
    source = FaceNetwork((LANDMARKS,), **SMALL)
    target = FaceNetwork((LANDMARKS,), crop={"margin": 0.2}, **SMALL)
    assert transfer(source, target).heads == ("landmarks",)


def test_streams_receive_their_own_weights():
    words = {"architecture": "cross_stitch", "width": 0.1}
    source = FaceNetwork(MTFL_TASKS, **words)
    target = FaceNetwork((LANDMARKS, MOOD), **words)
    done = transfer(source, target)
    ours, theirs = values(target), values(source)
    shared = [path for path in ours if "mood" not in path]
    assert set(done.kept) == set(shared)
    assert all(np.array_equal(ours[path], theirs[path]) for path in shared)


@pytest.mark.parametrize(
    ("until", "frozen"),
    [
        ("none", []),
        ("pool2", ["conv1", "conv2"]),
        ("trunk", ["conv1", "conv2", "conv3", "conv4", "fc"]),
    ],
)
def test_frozen_layers(until, frozen):
    network = FaceNetwork((LANDMARKS, SMILE), **SMALL)
    layers = freeze(network, until)
    assert {layer.name for layer in layers} >= set(frozen)
    assert freeze(network, until) == []  # What is frozen stays so.
    trained = {x.path.split("/")[0] for x in network.trainable_weights}
    whole = {
        x.path.split("/")[0]
        for x in FaceNetwork((LANDMARKS, SMILE), **SMALL).weights
    }
    assert trained == whole - set(frozen)


@pytest.mark.parametrize("unit", ["cross_stitch", "nddr", "sluice"])
def test_units_are_frozen_with_their_stage(unit):
    network = FaceNetwork(
        (LANDMARKS, SMILE),
        architecture="cross_stitch",
        width=0.1 if unit != "sluice" else 0.25,
        stitch={"unit": unit},
    )
    freeze(network, "pool2")
    names = {x.path.split("/")[0] for x in network.trainable_weights}
    units = {name for name in names if name.startswith("stitch_")}
    assert units == {"stitch_pool3", "stitch_fc"}
    freeze(network, "trunk")
    names = {x.path.split("/")[0] for x in network.trainable_weights}
    assert names == {"landmarks_fc", "smile"}


def test_an_unknown_stage_to_freeze():
    network = FaceNetwork((LANDMARKS,), **SMALL)
    with pytest.raises(InputError, match=r"train.freeze in .*'pool4', 'fc'"):
        freeze(network, "pool9")


def test_from_preset_predicts_as_the_preset():
    tiny = facemtl.load_model("tiny")
    network = FaceNetwork.from_preset("tiny", (SMILE, MOOD))
    ours, theirs = network(CROPS), tiny(CROPS)
    assert np.allclose(ours["smile"], theirs["smile"], atol=1e-6)
    assert ours["mood"].shape == (3, 3)
    assert network.box_convention is None  # that of other points
    same = FaceNetwork.from_preset("tiny")
    assert np.allclose(same(CROPS)["landmarks"], theirs["landmarks"], atol=1e-6)
    assert same.box_convention == tiny.box_convention


def test_a_mirrored_preset_is_trained_on_single_crops():
    network = load_start("large")
    assert network.get_config()["mirrored"] is False
    both = network.with_mirror().predict(CROPS_48, verbose=0)
    large = facemtl.load_model("large").predict(CROPS_48, verbose=0)
    assert all(np.allclose(both[x], large[x], atol=1e-6) for x in both)


CROPS_48 = np.random.default_rng(0).integers(0, 256, (2, 48, 48, 1), "uint8")


def test_values_keep_their_unit(tmp_path):
    scales = {"age": (30.0, 12.0)}
    source = FaceNetwork((LANDMARKS, AGE), value_scales=scales, **SMALL)
    source.save(tmp_path / "model.keras")
    network = FaceNetwork.from_preset(tmp_path, (AGE, MOOD))
    assert network.value_scales == scales
    assert np.allclose(network(CROPS)["age"], source(CROPS)["age"], atol=1e-4)
