"""The networks of MTAN and MMoE: what they compute, transfer and freeze."""

import re
from pathlib import Path

import keras
import numpy as np
import pytest

from facemtl.models import ARCHITECTURES, FaceNetwork
from facemtl.models.freezing import freeze
from facemtl.models.transfer import transfer
from facemtl.settings import settings_of
from facemtl.tasks import GENDER, LANDMARKS, SMILE, Task
from facemtl.training.preparation import build_network
from facemtl.training.unused import unused_settings
from facemtl.tuning.space import load_space

IMAGES = np.random.default_rng(0).integers(0, 256, (4, 40, 40, 1), np.uint8)
README = Path(__file__).parent.parent / "tuning/README.md"
MOOD = Task("mood", "classes", ("happy", "sad", "other"))
BROWS = Task("brows", "landmarks", ("left brow", "right brow"))


def network(architecture, tasks=(LANDMARKS, SMILE), **settings):
    keras.utils.set_random_seed(0)
    given = {"width": 0.1, "normalization": False, **settings}
    return FaceNetwork(tasks, architecture=architecture, **given)


def values(one):
    return {w.path: w.numpy() for w in one.weights}


def gates(one):
    """{task: its gate (C, E)}."""
    (array,) = (w.numpy() for w in one.weights if w.path == "fc/gates")
    parts = np.split(array, len(one.tasks), axis=1)
    return {t.name: x for t, x in zip(one.tasks, parts, strict=True)}


def as_split(one):
    """A split network with the trunk and the heads of another network."""
    plain = network("split")
    own = values(one)
    for weight in plain.weights:
        path = weight.path.replace("fc/", "fc/fc_expert1/fc/")
        weight.assign(own.get(path, own.get(weight.path)))
    return plain


def assert_equal_predictions(one, other):
    found, wanted = one(IMAGES), other(IMAGES)
    graph = one.predict(IMAGES, verbose=0)
    for task, prediction in wanted.items():
        assert np.ptp(prediction, axis=0).max() > 1e-4
        for y in (found, graph):  # eager, and in a graph
            np.testing.assert_allclose(y[task], prediction, atol=1e-6)


def test_masks_of_one_select_all_features():
    one = network("mtan", landmarks="heatmap")
    plain = network("split", landmarks="heatmap")
    before = one(IMAGES)["smile"]
    for weight in one.weights:
        if "/g2_1/" in weight.path:  # σ(100) = 1
            start = 100.0 if weight.path.endswith("bias") else 0.0
            weight.assign(np.full(weight.shape, start))
    own = values(one)
    for weight in plain.weights:
        weight.assign(own[weight.path])
    assert np.abs(before - one(IMAGES)["smile"]).max() > 1e-3
    assert_equal_predictions(one, plain)


def test_a_mixture_of_equal_experts_is_an_expert():
    one = network("mmoe", experts=3)
    own = values(one)
    for weight in one.weights:
        for i in (2, 3):
            if f"fc_expert{i}/" in weight.path:
                first = weight.path.replace(f"expert{i}", "expert1")
                weight.assign(own[first])
    assert_equal_predictions(one, as_split(one))


def test_masks_without_normalization_have_none():
    paths = values(network("mtan"))
    assert not any("norm" in path for path in paths)
    assert any("carry_task1/conv/bias" in path for path in paths)


def test_the_layer_after_the_experts_is_normalized_in_each():
    plain, normalized = (
        network("mmoe", fc_normalization=flag) for flag in (False, True)
    )
    more = set(values(normalized)) - set(values(plain))
    assert {path.split("/")[1] for path in more} == {
        f"fc_expert{i}" for i in range(1, 5)
    }


def test_attention_is_transferred_by_the_names_of_tasks():
    source = network("mtan", (LANDMARKS, SMILE, GENDER))
    target = network("mtan", (MOOD, GENDER, BROWS))
    before, trained = values(target), values(source)
    done = transfer(source, target)
    for path, value in values(target).items():
        known = path.replace("brows_attention", "landmarks_attention")
        last = path.startswith(("brows_fc", "mood"))
        wanted = before[path] if last else trained[known]
        np.testing.assert_array_equal(value, wanted, err_msg=path)
        assert (path in done.kept) != last, path


def test_gates_are_transferred_by_the_names_of_tasks():
    source = network("mmoe", (LANDMARKS, SMILE, GENDER))
    keras.utils.set_random_seed(1)
    target = FaceNetwork(
        (GENDER, MOOD, LANDMARKS), architecture="mmoe", width=0.1,
        normalization=False,
    )  # fmt: skip
    new = gates(target)["mood"]
    done = transfer(source, target)
    found, known = gates(target), gates(source)
    for task in ("gender", "landmarks"):
        np.testing.assert_array_equal(found[task], known[task])
    np.testing.assert_array_equal(found["mood"], new)
    assert "fc/gates" not in done.kept  # learns at the rate of new layers
    assert "fc/fc_expert1/fc/kernel" in done.kept
    same = network("mmoe", (SMILE, LANDMARKS))
    assert "fc/gates" in transfer(source, same).kept
    np.testing.assert_array_equal(gates(same)["smile"], known["smile"])


@pytest.mark.parametrize("architecture", ["mtan", "mmoe"])
def test_a_frozen_trunk_leaves_each_task_its_own(architecture):
    one = network(architecture)
    freeze(one, "trunk")
    trained = {w.path for w in one.trainable_weights}
    own = [path for path in values(one) if path.startswith(("landm", "smile"))]
    assert trained == {*own, *(["fc/gates"] * (architecture == "mmoe"))}
    assert len(trained) > 3


def test_a_search_may_choose_any_architecture_of_several_tasks(tmp_path):
    """The space of the README."""
    found = re.findall(r"```toml\n(.*?)```", README.read_text("utf-8"), re.S)
    (text,) = (x for x in found if 'key = "model.architecture"' in x)
    (tmp_path / "space.toml").write_text(text)
    space = load_space(tmp_path / "space.toml")
    names = space.hyperparameters[0].choice
    assert set(names) == set(ARCHITECTURES) - {"single"}
    for name in names:
        values = {"model.architecture": name, "model.width": 0.1}
        values |= {"model.experts": 3, "model.stitch.unit": "nddr"}
        settings = settings_of(space.config(values))
        assert not unused_settings(settings, (LANDMARKS, SMILE))
        one = build_network(settings, (LANDMARKS, SMILE)).get_config()
        assert one["architecture"] == name
        assert one["experts"] == (3 if name == "mmoe" else 4)
