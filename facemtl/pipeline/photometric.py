"""Light, blur, noise, occlusion, color: changes that move no point."""

from collections.abc import Callable

import tensorflow as tf

from facemtl.settings import AugmentSettings


def change_light(
    images: tf.Tensor, strength: float, seed: tf.Tensor
) -> tf.Tensor:
    """Random gain, contrast and brightness, alike for a face's channels.

    Args:
        images: (B, S, S, C) float32, 0 to 255.
        strength: 0 changes nothing; 0.3 changes each by up to 30 %.
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
    """Mix each image with its 3x3 binomial mean, by up to `strength`.

    Half of the images stay as they are; 1 replaces the image by its mean.
    """
    n = tf.shape(images)[0]
    share = tf.random.stateless_uniform([n, 1, 1, 1], seed, -strength, strength)
    padded = tf.pad(images, [[0, 0], [1, 1], [1, 1], [0, 0]], "SYMMETRIC")
    down = padded[:, :-2] + 2 * padded[:, 1:-1] + padded[:, 2:]
    smooth = (down[:, :, :-2] + 2 * down[:, :, 1:-1] + down[:, :, 2:]) / 16
    return images + tf.nn.relu(share) * (smooth - images)


def add_noise(images: tf.Tensor, strength: float, seed: tf.Tensor) -> tf.Tensor:
    """Gaussian noise; its deviation is up to `strength` x 255, per image."""
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
        strength: the rectangle's longest side, as a share of the image's.
        seed: (2,) int32.
    """
    seeds = tf.unstack(tf.random.split(seed, 3))
    n, size = tf.shape(images)[0], images.shape[1]
    centre = tf.random.stateless_uniform([2, n, 1], seeds[0])
    # A negative half side covers nothing: that is the other half.
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
    """Random saturation, so that color helps without being needed.

    Args:
        images: (B, S, S, C) float32; gray ones stay as they are.
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
    """All steps whose strength is not 0, in order; back into [0, 255].

    Args:
        images: (B, S, S, C) float32, 0 to 255.
        settings: those of `[augment]`.
        seed: (2,) int32; the same seed changes the same pixels.
    """
    seeds = tf.unstack(tf.random.split(seed, len(STEPS)))
    for (name, step), own in zip(STEPS.items(), seeds, strict=True):
        strength = getattr(settings, name)
        if strength > 0:
            images = step(images, strength, own)
    return tf.clip_by_value(images, 0.0, 255.0)
