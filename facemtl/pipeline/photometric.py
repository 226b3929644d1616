"""Photometric augmentation: light, blur, noise, occlusion and color."""

from collections.abc import Callable

import tensorflow as tf

from facemtl.settings import AugmentSettings


def change_light(
    images: tf.Tensor, strength: float, seed: tf.Tensor
) -> tf.Tensor:
    """Change gain, contrast and brightness at random, equally in all channels.

    Args:
        images: (B, S, S, C) float32, 0 to 255.
        strength: largest relative change: 0.3 changes each by up to 30 %.
        seed: (2,) int32.
    """
    n = tf.shape(images)[0]
    draws = tf.random.stateless_uniform(
        [3, n, 1, 1, 1], seed, -strength, strength
    )
    mean = tf.reduce_mean(images, axis=(1, 2, 3), keepdims=True)
    contrast = mean + (images - mean) * (1 + draws[0])
    return contrast * (1 + draws[1]) + 127.5 * draws[2]


def blur(images: tf.Tensor, strength: float, seed: tf.Tensor) -> tf.Tensor:
    """Mix half of the images with their 3x3 binomial mean.

    `strength` is the largest share of the mean; 1 replaces the image by it.
    """
    n = tf.shape(images)[0]
    share = tf.random.stateless_uniform([n, 1, 1, 1], seed, -strength, strength)
    padded = tf.pad(images, [[0, 0], [1, 1], [1, 1], [0, 0]], "SYMMETRIC")
    down = padded[:, :-2] + 2 * padded[:, 1:-1] + padded[:, 2:]
    smooth = (down[:, :, :-2] + 2 * down[:, :, 1:-1] + down[:, :, 2:]) / 16
    return images + tf.nn.relu(share) * (smooth - images)


def add_noise(images: tf.Tensor, strength: float, seed: tf.Tensor) -> tf.Tensor:
    """Add Gaussian noise with a deviation of up to `strength` x 255."""
    seeds = tf.unstack(tf.random.split(seed, 2))
    n = tf.shape(images)[0]
    deviation = tf.random.stateless_uniform(
        [n, 1, 1, 1], seeds[0], 0, 255 * strength
    )
    noise = tf.random.stateless_normal(tf.shape(images), seeds[1])
    return images + deviation * noise


def occlude(images: tf.Tensor, strength: float, seed: tf.Tensor) -> tf.Tensor:
    """Cover a rectangle of half of the images with one grey level.

    Args:
        images: (B, S, S, C) float32.
        strength: longest side of the rectangle, as a share of the image's.
        seed: (2,) int32.
    """
    seeds = tf.unstack(tf.random.split(seed, 3))
    n, size = tf.shape(images)[0], images.shape[1]
    centre = tf.random.stateless_uniform([2, n, 1], seeds[0])
    # A negative half side covers nothing, which spares half of the images.
    half = tf.random.stateless_uniform(
        [2, n, 1], seeds[1], -strength / 2, strength / 2
    )
    half = tf.where(half[:1] > 0, tf.abs(half), -1.0)
    grid = (tf.range(size, dtype=tf.float32) + 0.5) / size
    down, across = tf.unstack(tf.abs(grid - centre) < half)
    covered = (down[:, :, None] & across[:, None, :])[..., None]
    level = tf.random.stateless_uniform([n, 1, 1, 1], seeds[2], 0, 255)
    return tf.where(covered, level, images)


def change_saturation(
    images: tf.Tensor, strength: float, seed: tf.Tensor
) -> tf.Tensor:
    """Change saturation at random, so that color helps but is not needed.

    Args:
        images: (B, S, S, C) float32; gray images stay unchanged.
        strength: 1 draws from gray to twice the distance from gray.
        seed: (2,) int32.
    """
    n = tf.shape(images)[0]
    draw = tf.random.stateless_uniform([n, 1, 1, 1], seed, -strength, strength)
    gray = tf.reduce_mean(images, axis=-1, keepdims=True)
    return gray + (images - gray) * (1 + draw)


STEPS: dict[str, Callable[[tf.Tensor, float, tf.Tensor], tf.Tensor]] = {
    "light": change_light,
    "blur": blur,
    "occlusion": occlude,
    "noise": add_noise,
    "saturation": change_saturation,
}


def change_pixels(
    images: tf.Tensor, settings: AugmentSettings, seed: tf.Tensor
) -> tf.Tensor:
    """Apply all steps with a strength other than 0, and clip to [0, 255].

    Args:
        images: (B, S, S, C) float32, 0 to 255.
        settings: settings of `[augment]`.
        seed: (2,) int32; the same seed makes the same changes.
    """
    seeds = tf.unstack(tf.random.split(seed, len(STEPS)))
    for (name, step), own in zip(STEPS.items(), seeds, strict=True):
        strength = getattr(settings, name)
        if strength > 0:
            images = step(images, strength, own)
    return tf.clip_by_value(images, 0.0, 255.0)
