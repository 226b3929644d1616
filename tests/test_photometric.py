"""Changes of pixels: what each step may do, and what it must not."""

from dataclasses import asdict, replace

import numpy as np
import pytest
import tensorflow as tf

from facemtl.config import load_settings
from facemtl.pipeline.photometric import (
    STEPS,
    add_noise,
    blur,
    change_light,
    change_pixels,
    change_saturation,
    occlude,
)

SEED = tf.constant([1, 2])
OFF = replace(load_settings().augment, **dict.fromkeys(STEPS, 0.0))
N, S = 200, 24
IMAGES = (
    np.random.default_rng(0).uniform(20, 235, (N, S, S, 3)).astype("float32")
)


def test_the_steps_are_those_of_the_settings():
    augment = asdict(load_settings().augment)
    moves = {"mirror", "shift", "scale", "rotation"}
    assert set(STEPS) == set(augment) - moves


def test_all_strengths_zero_leave_the_pixels_untouched():
    same = change_pixels(IMAGES, OFF, SEED)
    np.testing.assert_array_equal(same, IMAGES)


@pytest.mark.parametrize("name", STEPS)
def test_each_step_alone_changes_pixels_and_keeps_the_range(name):
    extremes = np.where(IMAGES > 127, 255, 0).astype("float32")
    changed = change_pixels(extremes, replace(OFF, **{name: 0.9}), SEED).numpy()
    assert changed.shape == extremes.shape
    assert not np.array_equal(changed, extremes)
    assert changed.min() >= 0
    assert changed.max() <= 255
    assert np.isfinite(changed).all()


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_the_same_seed_changes_the_same_pixels(step):
    first, same = (step(IMAGES, 0.5, SEED).numpy() for _ in range(2))
    np.testing.assert_array_equal(first, same)
    other = step(IMAGES, 0.5, SEED + 1).numpy()
    assert not np.array_equal(first, other)


def test_light_is_one_straight_line_a_face():
    strength = 0.3
    changed = change_light(IMAGES, strength, SEED).numpy()
    slopes, levels = [], []
    for before, after in zip(IMAGES, changed, strict=True):
        slope, level = np.polyfit(before.ravel(), after.ravel(), 1)
        line = slope * before + level
        np.testing.assert_allclose(after, line, atol=0.01)
        slopes.append(slope)
        mean = before.mean()
        levels.append(slope * mean + level - mean)  # change of the mean
    low, high = (1 - strength) ** 2, (1 + strength) ** 2
    assert low <= min(slopes) < 0.75
    assert 1.3 < max(slopes) <= high
    most = strength * (IMAGES.mean(axis=(1, 2, 3)).max() + 127.5)
    assert 0.5 * most < np.abs(levels).max() <= most


def test_blur_of_an_impulse_is_the_binomial_kernel():
    images = np.zeros((N, 9, 9, 1), "float32")
    images[:, 4, 4] = 160
    strength = 0.8
    changed = blur(images, strength, SEED).numpy()[..., 0]
    shares = changed[:, 3, 3] / 10
    kernel = np.outer([1, 2, 1], [1, 2, 1]) / 16
    for share, after in zip(shares, changed, strict=True):
        expected = (1 - share) * images[0, ..., 0]
        expected[3:6, 3:6] += share * 160 * kernel
        np.testing.assert_allclose(after, expected, atol=1e-4)
    assert shares.min() == 0
    assert 0.7 < shares.max() <= strength
    assert 70 < (shares == 0).sum() < 130  # half stay as they are


def test_blur_leaves_a_plain_image_as_it_is():
    images = np.full((8, 6, 6, 1), 77, "float32")
    np.testing.assert_allclose(blur(images, 1.0, SEED), images, rtol=1e-6)


def test_noise_is_centred_and_as_strong_as_said():
    grey = np.full((N, S, S, 1), 128, "float32")
    noise = add_noise(grey, 0.1, SEED).numpy() - 128
    deviations = noise.std(axis=(1, 2, 3))
    assert deviations.max() < 0.1 * 255 * 1.1
    assert deviations.max() > 0.1 * 255 * 0.9
    assert deviations.min() < 0.1 * 255 * 0.1
    assert np.abs(noise.mean()) < 0.3
    # Each pixel has noise of its own.
    assert np.corrcoef(noise[:, 0, 0, 0], noise[:, 0, 1, 0])[0, 1] < 0.3


def test_occlusion_covers_one_rectangle_of_one_level():
    strength = 0.5
    images = np.full((N, S, S, 3), -1, "float32")
    changed = occlude(images, strength, SEED).numpy()
    sides = []
    for after in changed:
        covered = (after != -1).any(axis=-1)
        if not covered.any():
            continue
        rows, columns = (np.flatnonzero(covered.any(axis=i)) for i in (1, 0))
        box = after[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        assert covered.sum() == box.shape[0] * box.shape[1]
        assert len(np.unique(box)) == 1
        assert 0 <= box.min() <= 255
        sides += box.shape[:2]
    # Half of the images; some rectangles fall between two pixels.
    assert 60 < len(sides) / 2 < 120
    assert 0.8 * strength * S < max(sides) <= strength * S + 1


def test_saturation_keeps_gray_and_reaches_from_gray_to_twice_the_color():
    before = IMAGES - IMAGES.mean(axis=-1, keepdims=True)
    changed = change_saturation(IMAGES, 1.0, SEED).numpy()
    np.testing.assert_allclose(changed.mean(-1), IMAGES.mean(-1), atol=1e-3)
    after = changed - changed.mean(axis=-1, keepdims=True)
    factors = (after * before).sum((1, 2, 3)) / (before**2).sum((1, 2, 3))
    np.testing.assert_allclose(
        after, factors[:, None, None, None] * before, atol=1e-3
    )
    assert factors.min() < 0.05 < 1.95 < factors.max()
    gray = IMAGES[..., :1]
    same = change_saturation(gray, 1.0, SEED)
    np.testing.assert_allclose(same, gray, rtol=1e-6)
