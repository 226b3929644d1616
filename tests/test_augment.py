"""Augmentation: points move exactly with pixels, labels with the mirror."""

from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from facemtl.config import load_settings
from facemtl.pipeline.augment import (
    Affine,
    Cached,
    augment_labels,
    identity_affine,
    mirror_label,
    move_points,
    random_affine,
    warp,
)
from facemtl.tasks import LANDMARKS, POSE, SMILE, Task

RNG = np.random.default_rng(0)
SEED = tf.constant([3, 5])
DEFAULTS = load_settings().augment
OFF = {"mirror": False, "shift": 0.0, "scale": 0.0, "rotation": 0.0}
YAW = Task("yaw", "value", mirror=(-1,))


def affine_of(n, settings, seed):
    return random_affine(n, replace(DEFAULTS, **settings), seed)


def dots(points: np.ndarray, cached: Cached) -> np.ndarray:
    """(N, M, M, 1) cached crops, each with a smooth dot at its point."""
    m = cached.size * cached.scale + 2 * cached.border
    grid = (np.arange(m) + 0.5 - cached.border) / (cached.size * cached.scale)
    sigma = 3.5 / cached.size
    x, y = (
        np.exp(-((grid - points[:, i, None]) ** 2) / (2 * sigma**2))
        for i in (0, 1)
    )
    return (255 * y[:, :, None] * x[:, None, :, None][..., 0])[..., None]


def centroids(images: tf.Tensor) -> np.ndarray:
    """(N, 2) where the dots are, in units of the window."""
    weight = np.asarray(images, np.float64)[..., 0]
    at = (np.arange(weight.shape[1]) + 0.5) / weight.shape[1]
    total = weight.sum(axis=(1, 2))
    x = (weight * at).sum(axis=(1, 2)) / total
    y = (weight * at[:, None]).sum(axis=(1, 2)) / total
    return np.stack([x, y], axis=1)


@pytest.mark.parametrize("scale", [1, 2])
@pytest.mark.parametrize(
    "settings",
    [
        {**OFF, "mirror": True},
        {**OFF, "rotation": 40.0},
        {**OFF, "scale": 0.3},
        {**OFF, "shift": 0.1},
        {"mirror": True, "shift": 0.1, "scale": 0.3, "rotation": 40.0},
    ],
    ids=["mirror", "rotation", "scale", "shift", "all"],
)
def test_a_dot_moves_with_its_point(settings, scale):
    cached = Cached(size=64, scale=scale, border=12 * scale)
    points = RNG.uniform(0.46, 0.54, (64, 2)).astype("float32")
    affine = affine_of(64, settings, SEED)
    images = warp(dots(points, cached), affine, cached)
    assert images.shape == (64, 64, 64, 1)
    moved = np.asarray(move_points(points[:, None], affine))[:, 0]
    assert np.abs(moved - points).max() > 0.005
    np.testing.assert_allclose(
        centroids(images), moved, rtol=0, atol=0.01 / cached.size
    )


def test_the_border_is_used_before_it_is_repeated():
    cached = Cached(size=8, scale=1, border=2)
    images = np.arange(12.0)[None, None, :, None] * np.ones((1, 12, 1, 1))
    shift = tf.constant([[5 / 8, 0.0]])
    affine = Affine(tf.eye(2)[None], shift, tf.constant([False]))
    found = warp(images, affine, cached)[0, 0, :, 0]
    np.testing.assert_allclose(found, [7, 8, 9, 10, 11, 11, 11, 11], atol=1e-4)


MIRROR = Affine(
    tf.constant([[[-1.0, 0.0], [0.0, 1.0]]] * 3),
    tf.zeros([3, 2]),
    tf.ones([3], tf.bool),
)


def labels() -> dict[str, np.ndarray]:
    return {
        "landmarks": RNG.uniform(size=(3, 5, 2)).astype("float32"),
        "pose": np.array([0, 3, -1], "int32"),
        "smile": np.array([1, 0, -1], "int32"),
        "yaw": np.array([0.5, -0.25, 0.0], "float32"),
    }


TASKS = (LANDMARKS, POSE, SMILE, YAW)


def test_a_mirror_flips_pixels_and_swaps_labels():
    images = RNG.uniform(0, 255, (3, 40, 40, 3)).astype("float32")
    flipped = warp(images, MIRROR, Cached(40, 1, 0))
    np.testing.assert_allclose(flipped, images[:, :, ::-1], atol=0.01)
    before = labels()
    after = augment_labels(before, TASKS, MIRROR)
    points = before["landmarks"][:, [1, 0, 2, 4, 3]]
    points = np.stack([1 - points[..., 0], points[..., 1]], axis=-1)
    np.testing.assert_allclose(after["landmarks"], points, atol=1e-6)
    np.testing.assert_array_equal(after["pose"], [4, 1, -1])
    np.testing.assert_array_equal(after["smile"], [1, 0, -1])
    np.testing.assert_array_equal(after["yaw"], [-0.5, 0.25, 0.0])


def test_every_pose_k_becomes_4_minus_k():
    poses = np.arange(5, dtype="int32")
    mirrored = tf.constant([True] * 5)
    np.testing.assert_array_equal(
        mirror_label(poses, POSE, mirrored), [4, 3, 2, 1, 0]
    )
    some = tf.constant([True, False, True, False, True])
    np.testing.assert_array_equal(
        mirror_label(poses, POSE, some), [4, 1, 2, 3, 0]
    )


def test_a_mirror_twice_is_the_identity():
    images = RNG.uniform(0, 255, (3, 40, 40, 1)).astype("float32")
    cached = Cached(40, 1, 0)
    again = warp(warp(images, MIRROR, cached), MIRROR, cached)
    np.testing.assert_allclose(again, images, atol=0.01)
    before = labels()
    once = augment_labels(before, TASKS, MIRROR)
    twice = augment_labels(once, TASKS, MIRROR)
    np.testing.assert_allclose(
        twice.pop("landmarks"), before["landmarks"], atol=1e-6
    )
    for task, label in twice.items():
        np.testing.assert_array_equal(label, before[task])
    swapped = mirror_label(before["landmarks"], LANDMARKS, MIRROR.mirrored)
    np.testing.assert_array_equal(
        mirror_label(swapped, LANDMARKS, MIRROR.mirrored), before["landmarks"]
    )


def test_faces_are_mirrored_one_by_one():
    images = RNG.uniform(0, 255, (200, 12, 12, 1)).astype("float32")
    affine = affine_of(200, {**OFF, "mirror": True}, SEED)
    mirrored = np.asarray(affine.mirrored)
    assert 70 < mirrored.sum() < 130
    expected = np.where(
        mirrored[:, None, None, None], images[:, :, ::-1], images
    )
    found = warp(images, affine, Cached(12, 1, 0))
    np.testing.assert_allclose(found, expected, atol=0.01)


def test_switched_off_nothing_changes():
    affine = affine_of(50, OFF, SEED)
    for part, same in zip(affine, identity_affine(50), strict=True):
        np.testing.assert_array_equal(part, same)
    images = RNG.integers(0, 256, (50, 40, 40, 1)).astype("uint8")
    same = warp(images, affine, Cached(40, 1, 0))
    np.testing.assert_allclose(same, images, rtol=0, atol=0.001)
    points = RNG.uniform(size=(50, 5, 2)).astype("float32")
    np.testing.assert_allclose(move_points(points, affine), points, atol=1e-7)


def parts(settings):
    """Mirror, angle in degrees, zoom and shift of 500 drawn maps."""
    affine = affine_of(500, settings, SEED)
    matrix, mirrored = affine.matrix.numpy(), affine.mirrored.numpy()
    matrix[mirrored, :, 0] *= -1
    zoom = np.sqrt(np.linalg.det(matrix))
    angle = np.degrees(np.arctan2(matrix[:, 1, 0], matrix[:, 0, 0]))
    turn = matrix / zoom[:, None, None]
    product = turn @ turn.transpose(0, 2, 1)
    assert np.abs(product - np.eye(2)).max() < 1e-5  # no shear
    return mirrored, angle, zoom, affine.shift.numpy()


@pytest.mark.parametrize("switch", ["mirror", "rotation", "scale", "shift"])
def test_each_switch_moves_its_own_part_up_to_its_strength(switch):
    given = {"mirror": True, "rotation": 20.0, "scale": 0.25, "shift": 0.05}
    settings = {**OFF, switch: given[switch]}
    mirrored, angle, zoom, shift = parts(settings)
    assert mirrored.any() == (switch == "mirror")
    largest = {
        "rotation": np.abs(angle).max() / 20,
        "scale": np.abs(np.log(zoom)).max() / np.log(1.25),
        "shift": np.abs(shift).max() / 0.05,
    }
    for name, share in largest.items():
        if name == switch:
            assert 0.97 < share <= 1.0001
        else:
            assert share < 1e-4


STRONG = {"mirror": True, "shift": 0.1, "scale": 0.2, "rotation": 30.0}
CROPS = RNG.uniform(0, 255, (9, 50, 50, 1)).astype("float32")
POINTS = {"landmarks": np.full((9, 5, 2), 0.4, "float32")}


def augmented(seed):
    affine = affine_of(9, STRONG, seed)
    x = warp(CROPS, affine, Cached(40, 1, 5))
    return x, augment_labels(POINTS, (LANDMARKS,), affine)["landmarks"]


def test_the_same_seed_draws_the_same():
    for one, same in zip(augmented(SEED), augmented(SEED), strict=True):
        np.testing.assert_array_equal(one, same)
    for one, other in zip(augmented(SEED), augmented(SEED + 1), strict=True):
        assert not np.array_equal(one, other)


def test_inside_tf_data_as_outside():
    seeds = tf.data.Dataset.from_tensors(SEED).repeat(2).map(augmented)
    first, again = seeds
    for one, same in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, same)
    # A graph sums in another order: the last bits differ from eager ones.
    for one, eager, unit in zip(first, augmented(SEED), (255, 1), strict=True):
        np.testing.assert_allclose(one, eager, rtol=0, atol=1e-5 * unit)
