"""Augmentation of a batch in one vectorized step inside tf.data.

Points move exactly with the pixels: one affine map takes coordinates of the
augmented crop to the cached crop. Pixels use it directly, points inverted.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from facemtl.settings import AugmentSettings
from facemtl.tasks import Task


class Cached(NamedTuple):
    """The geometry of cached crops relative to their windows.

    Attributes:
        size: width and height of the network's input in pixels.
        scale: cached pixels per pixel of the input (the oversampling).
        border: cached pixels beyond the window on each side.
    """

    size: int
    scale: int
    border: int


class Affine(NamedTuple):
    """Maps from augmented to cached windows: p = c + A (q - c) + t.

    Attributes: matrix (B, 2, 2), shift (B, 2), mirrored (B,) bool; c is the
    window's centre, and lengths are shares of its side.
    """

    matrix: tf.Tensor
    shift: tf.Tensor
    mirrored: tf.Tensor


def random_affine(
    n: int | tf.Tensor, settings: AugmentSettings, seed: tf.Tensor
) -> Affine:
    """Draw n random maps of mirroring, rotation, scaling and shift.

    Args:
        n: number of faces in the batch.
        settings: settings of `[augment]`: mirror (bool), and the largest
            absolute values of rotation (degrees), scale and shift (shares).
        seed: (2,) int32; the same seed draws the same maps.
    """
    seeds = tf.unstack(tf.random.split(seed, 4))

    def uniform(i: int, limit: float, shape: Sequence[Any]) -> tf.Tensor:
        return tf.random.stateless_uniform(shape, seeds[i], -limit, limit)

    angle = uniform(0, np.deg2rad(settings.rotation), [n])
    zoom = tf.exp(uniform(1, np.log1p(settings.scale), [n]))
    shift = uniform(2, settings.shift, [n, 2])
    odds = 0.5 if settings.mirror else 0.0
    mirrored = tf.random.stateless_uniform([n], seeds[3]) < odds
    flip = tf.where(mirrored, -1.0, 1.0)
    cos, sin = zoom * tf.cos(angle), zoom * tf.sin(angle)
    # The mirror acts on the augmented side, so its column changes sign.
    rows = [[flip * cos, -sin], [flip * sin, cos]]
    matrix = tf.stack([tf.stack(row, axis=-1) for row in rows], axis=1)
    return Affine(matrix, shift, mirrored)


def identity_affine(n: int | tf.Tensor) -> Affine:
    """Return n maps that change nothing."""
    matrix = tf.tile(tf.eye(2)[None], [n, 1, 1])
    return Affine(matrix, tf.zeros([n, 2]), tf.zeros([n], tf.bool))


def warp(
    images: tf.Tensor, affine: Affine, cached: Cached, size: int = 0
) -> tf.Tensor:
    """Sample the augmented crops: (B, M, M, C) -> (B, S, S, C) float32.

    Pixels beyond the cached border repeat its last pixels.

    Args:
        images: the cached crops.
        affine: one map per face.
        cached: geometry of the cached crops.
        size: S, width and height in pixels; 0 for `cached.size`.
    """
    size = size or cached.size
    fine = float(cached.size * cached.scale)
    # Pixel u of the crop lies at q - c = (u + 1/2) / S - 1/2 of the window.
    start = affine.matrix @ tf.constant([[0.5 / size - 0.5]] * 2, tf.float32)
    origin = (
        cached.border - 0.5 + fine * (0.5 + affine.shift[..., None] + start)
    )
    linear = fine / size * affine.matrix
    rows = tf.concat([linear, origin], axis=-1)
    zeros = tf.zeros([tf.shape(images)[0], 2])
    transforms = tf.concat([tf.reshape(rows, [-1, 6]), zeros], axis=1)
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=tf.cast(images, tf.float32),
        transforms=transforms,
        output_shape=[size, size],
        fill_value=0.0,
        interpolation="BILINEAR",
        fill_mode="NEAREST",
    )


def move_points(points: tf.Tensor, affine: Affine) -> tf.Tensor:
    """Convert points (B, P, 2) from the window to the augmented window."""
    centred = points - 0.5 - affine.shift[:, None]
    inverse = tf.linalg.inv(affine.matrix)
    return 0.5 + tf.einsum("bij,bpj->bpi", inverse, centred)


def mirror_label(
    label: tf.Tensor, task: Task, mirrored: tf.Tensor
) -> tf.Tensor:
    """Swap points or classes, or negate a value, of mirrored faces.

    `move_points` moves coordinates. This function makes the left eye the right
    one, and a head turned left a head turned right.
    """
    if task.kind == "landmarks":
        return _swap_points(label, task, mirrored)
    if task.kind == "classes":
        known = tf.maximum(label, 0)
        swapped = tf.where(label < 0, label, tf.gather(task.mirror, known))
        return tf.where(mirrored, swapped, label)
    return tf.where(mirrored, label * task.mirror[0], label)


def _swap_points(
    points: tf.Tensor, task: Task, mirrored: tf.Tensor
) -> tf.Tensor:
    """Swap points (B, P, 2), or numbers of points (B, P)."""
    swapped = tf.gather(points, task.mirror, axis=1)
    chosen = tf.reshape(mirrored, [-1] + [1] * (len(points.shape) - 1))
    return tf.where(chosen, swapped, points)


def mirror_weights(
    weights: Mapping[str, tf.Tensor], tasks: Sequence[Task], mirrored: tf.Tensor
) -> dict[str, tf.Tensor]:
    """Return the weights of a batch, with those (B, P) of points swapped.

    If the left eye of a face is missing, the right eye of its mirror image is.
    """
    return {
        task.name: _swap_points(weights[task.name], task, mirrored)
        if task.kind == "landmarks"
        else weights[task.name]
        for task in tasks
    }


def augment_labels(
    labels: Mapping[str, tf.Tensor], tasks: Sequence[Task], affine: Affine
) -> dict[str, tf.Tensor]:
    """Move and mirror all labels of a batch with its pixels."""
    out = {}
    for task in tasks:
        label = labels[task.name]
        if task.kind == "landmarks":
            label = move_points(label, affine)
        out[task.name] = mirror_label(label, task, affine.mirrored)
    return out
