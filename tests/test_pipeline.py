"""Batches: their labels and weights, their order, and what a seed fixes."""

import numpy as np
import pytest
import tensorflow as tf

from facemtl.config import default_config
from facemtl.data.faces import Faces
from facemtl.geometry.crops import CropSpec
from facemtl.photos.images import FolderImages
from facemtl.pipeline import batches as module
from facemtl.pipeline.batches import (
    arrays,
    fixed_batches,
    training_batches,
)
from facemtl.pipeline.crop_cache import CachePlan, Crops
from facemtl.pipeline.order import steps_per_epoch
from facemtl.settings import AugmentSettings
from facemtl.tasks import LANDMARKS, POSE, SMILE, Task

YAW = Task("yaw", "value", mirror=(-1,))
TASKS = (LANDMARKS, SMILE, POSE, YAW)
STILL = {
    "mirror": False,
    **dict.fromkeys(set(default_config()["augment"]) - {"mirror"}, 0.0),
}
STRONG = {
    "mirror": True,
    "shift": 0.1,
    "scale": 0.2,
    "rotation": 20.0,
    "light": 0.3,
    "blur": 0.5,
    "occlusion": 0.4,
    "noise": 0.05,
    "saturation": 1.0,
}


def some_crops(n: int, plan: CachePlan) -> Crops:
    """Face i is a crop of the grey level i; every third lacks each label."""
    rng = np.random.default_rng(0)
    points = 100 + 80 * rng.uniform(size=(n, 5, 2))
    labels = {
        "landmarks": points,
        "smile": (np.arange(n) % 2).astype("int32"),
        "pose": (np.arange(n) % 5).astype("int32"),
        "yaw": rng.normal(size=n),
    }
    for k, task in enumerate(TASKS):
        labels[task.name][k % 3 :: 3] = task.no_labels(1)[0]
    names = np.array([f"{i}.jpg" for i in range(n)])
    windows = np.tile([100.0, 100.0, 80.0], (n, 1))
    boxes = np.tile([100.0, 100.0, 180.0, 180.0], (n, 1))
    faces = Faces(TASKS, FolderImages("."), names, names, boxes, labels)
    images = np.zeros((n, plan.size, plan.size, 1), np.uint8)
    images += np.arange(n, dtype=np.uint8)[:, None, None, None]
    return Crops(faces, windows, images, plan)


ROOMY = CachePlan(CropSpec(8), border=0.25, scale=2)


def indices(x: tf.Tensor) -> list[int]:
    """Which faces a batch holds, where nothing changes their pixels."""
    x = np.asarray(x)
    np.testing.assert_allclose(x, x[:, :1, :1] + 0 * x, atol=1e-3)
    return np.round(x[:, 0, 0, 0]).astype(int).tolist()


def batches(crops, settings, batch_size=4, epochs=3, seed=7, first_epoch=0):
    augment = AugmentSettings(**settings)
    return [
        batch
        for epoch in range(first_epoch, epochs)
        for batch in training_batches(crops, augment, batch_size, epoch, seed)
    ]


def assert_same(first, second):
    assert len(first) == len(second)
    for one, other in zip(first, second, strict=True):
        tf.nest.map_structure(np.testing.assert_array_equal, one, other)


def test_points_beyond_the_window_keep_their_places():
    """A jaw may leave the box, and the photo: see `datasets/checks.py`."""
    crops = some_crops(4, ROOMY)
    crops.faces.labels["landmarks"][:] = [[20.0, 230.0]] * 5
    crops.faces.labels["smile"][:] = 0
    for mirror, x in ((False, -1.0), (True, 2.0)):
        seen = set()
        for seed in range(8):  # a mirror is drawn for half of the faces
            settings = {**STILL, "mirror": mirror}
            for _, y, weight in batches(crops, settings, epochs=1, seed=seed):
                places = np.asarray(y["landmarks"])
                assert (np.asarray(weight["landmarks"]) == 1).all()
                np.testing.assert_allclose(places[..., 1], 1.625, atol=1e-5)
                seen |= set(np.round(places[..., 0], 4).ravel().tolist())
        assert seen == {-1.0, x}


def test_all_steps_are_switched_on_and_off_here():
    assert set(STRONG) == set(STILL) == set(default_config()["augment"])


def test_a_missing_label_weighs_nothing_and_is_a_number():
    crops = some_crops(9, ROOMY)
    data = arrays(crops)
    for k, task in enumerate(TASKS):
        known = np.arange(9) % 3 != k % 3
        weight = data["weight"][task.name]
        if task.kind == "landmarks":
            assert weight.shape == (9, 5)
            assert (weight == weight[:, :1]).all()
            weight = weight[:, 0]
        np.testing.assert_array_equal(weight, known)
        label = data["y"][task.name]
        assert np.isfinite(label).all()
        assert label.shape == (9, *task.label_shape)
        given = crops.faces.labels[task.name]
        if task.kind == "landmarks":
            given = (given - 100) / 80  # in units of the window
            assert (label[~known] == 0.5).all()
        else:
            assert (label[~known] == 0).all()
        np.testing.assert_allclose(label[known], given[known], rtol=1e-6)
    dtypes = [data["y"][task.name].dtype for task in TASKS]
    assert dtypes == ["float32", "int32", "int32", "float32"]
    assert {w.dtype for w in data["weight"].values()} == {np.dtype("float32")}


def test_half_a_point_is_a_missing_point():
    crops = some_crops(3, ROOMY)
    given = crops.faces.labels["landmarks"]
    given[1, 4, 1] = np.nan
    data = arrays(crops)
    weight = [[0.0] * 5, [1.0, 1.0, 1.0, 1.0, 0.0], [1.0] * 5]
    assert data["weight"]["landmarks"].tolist() == weight
    places = data["y"]["landmarks"]
    assert places[1, 4].tolist() == [0.5, 0.5]
    # The others are as they are.
    expected = (given[1, :4] - 100) / 80
    np.testing.assert_allclose(places[1, :4], expected, rtol=1e-6)


def test_labels_stay_with_their_faces():
    crops = some_crops(13, ROOMY)
    data = arrays(crops)
    for x, y, weight in batches(crops, STILL):
        index = indices(x)
        assert x.dtype == "float32"
        assert x.shape == (4, 8, 8, 1)
        for task in TASKS:
            np.testing.assert_allclose(
                y[task.name], data["y"][task.name][index], atol=1e-6
            )
            np.testing.assert_array_equal(
                weight[task.name], data["weight"][task.name][index]
            )


def test_augmented_batches_keep_weights_and_range():
    crops = some_crops(13, ROOMY)
    for x, y, weight in batches(crops, STRONG):
        assert 0 <= np.min(x) <= np.max(x) <= 255
        for task in TASKS:
            assert np.isfinite(y[task.name]).all()
            assert set(weight[task.name].numpy().ravel()) <= {0.0, 1.0}
        assert set(y["pose"].numpy()) <= set(range(5))


def test_every_face_at_most_once_an_epoch():
    crops = some_crops(13, ROOMY)
    steps = steps_per_epoch(13, 4)
    found = [indices(x) for x, _, _ in batches(crops, STILL)]
    assert steps == 3
    assert len(found) == 3 * steps
    epochs = np.reshape(found, (3, steps * 4)).tolist()
    for epoch in epochs:
        assert len(set(epoch)) == len(epoch) == 12
        assert set(epoch) <= set(range(13))
        assert epoch != sorted(epoch)
    assert len({tuple(epoch) for epoch in epochs}) == 3
    # The one that is left out is not the same one each time.
    assert len({(set(range(13)) - set(epoch)).pop() for epoch in epochs}) > 1


@pytest.mark.parametrize("first", [1, 2])
def test_a_resumed_run_sees_the_batches_of_an_unbroken_one(first):
    crops = some_crops(9, ROOMY)
    whole = batches(crops, STRONG)
    resumed = batches(crops, STRONG, first_epoch=first)
    assert_same(whole[2 * first :], resumed)


def test_the_same_seed_gives_the_same_batches():
    crops = some_crops(9, ROOMY)
    first = batches(crops, STRONG, epochs=2)
    assert_same(first, batches(crops, STRONG, epochs=2))
    for seed in (8, 2**31 + 7):
        other = batches(crops, STRONG, epochs=2, seed=seed)
        pairs = zip(first, other, strict=True)
        assert not any(np.array_equal(a[0], b[0]) for a, b in pairs)


def test_large_crops_give_the_same_batches(monkeypatch):
    """They stay outside TensorFlow."""
    crops = some_crops(9, ROOMY)
    small = batches(crops, STRONG, epochs=2)
    monkeypatch.setattr(module, "SMALL", 0)
    assert_same(small, batches(crops, STRONG, epochs=2))


def test_every_batch_is_changed_in_another_way():
    crops = some_crops(4, ROOMY)
    only_shift = STILL | {"shift": 0.2}
    crops.faces.labels["landmarks"][:] = 140.0  # the window's centre
    found = batches(crops, only_shift, epochs=6)
    shifts = np.concatenate([y["landmarks"][:, 0] for _, y, _ in found])
    assert len(np.unique(shifts.round(5), axis=0)) == 24


@pytest.mark.parametrize(("n", "size"), [(5, 64), (1, 4)])
def test_few_faces_make_one_batch(n, size):
    crops = some_crops(n, ROOMY)
    assert steps_per_epoch(n, size) == 1
    found = batches(crops, STILL, batch_size=size)
    assert len(found) == 3
    for x, _, _ in found:
        assert sorted(indices(x)) == list(range(n))


def test_no_epochs_no_batches():
    crops = some_crops(5, ROOMY)
    assert batches(crops, STILL, epochs=2, first_epoch=2) == []


def test_fixed_batches_are_all_faces_in_order():
    crops = some_crops(11, CachePlan(CropSpec(8)))
    data = arrays(crops)
    found = list(fixed_batches(crops, batch_size=4))
    assert [len(x) for x, _, _ in found] == [4, 4, 3]
    order = np.concatenate([indices(x) for x, _, _ in found])
    assert order.tolist() == list(range(11))
    for task in TASKS:
        label = np.concatenate([y[task.name] for _, y, _ in found])
        np.testing.assert_array_equal(label, data["y"][task.name])
        weight = np.concatenate([w[task.name] for _, _, w in found])
        np.testing.assert_array_equal(weight, data["weight"][task.name])
