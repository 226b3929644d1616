"""Augmentation of a batch in one vectorized step inside tf.data.

Points move exactly with the pixels: one affine map takes a coordinate of the
augmented crop to the cached one, for pixels as it is and for points inverted.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from facemtl.settings import AugmentSettings
from facemtl.tasks import Task


class Cached(NamedTuple):
    """How cached crops lie round their windows.

    Attributes:
        size: pixels a side of the crop that a network sees.
        scale: cached pixels for each of its pixels (the oversampling).
        border: cached pixels beyond the window on each side.
    """

    size: int
    scale: int
    border: int


class Affine(NamedTuple):
    """From the augmented window to the cached one: p = c + A (q - c) + t.

    Attributes: matrix (B, 2, 2), shift (B, 2), mirrored (B,) bool; c is the
    window's centre, lengths are shares of its side.
    """

    matrix: tf.Tensor
    shift: tf.Tensor
    mirrored: tf.Tensor


def random_affine(
    n: int | tf.Tensor, settings: AugmentSettings, seed: tf.Tensor
) -> Affine:
    """Draw n maps: mirror, rotation, scale and shift.

    Args:
        n: faces in the batch.
        settings: those of `[augment]`: mirror (bool), rotation (degrees),
            scale and shift (shares), each a largest absolute value.
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
    """n maps that change nothing."""
    matrix = tf.tile(tf.eye(2)[None], [n, 1, 1])
    return Affine(matrix, tf.zeros([n, 2]), tf.zeros([n], tf.bool))


def warp(
    images: tf.Tensor, affine: Affine, cached: Cached, size: int = 0
) -> tf.Tensor:
    """Sample the augmented crops: (B, M, M, C) -> (B, S, S, C) float32.

    Beyond the cached border, its last pixels are repeated.

    Args:
        images: the cached crops.
        affine: a map a face.
        cached: how they lie round their windows.
        size: S, pixels a side; 0 is `cached.size`.
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
    """Points (B, P, 2) of the window -> of the augmented window."""
    centred = points - 0.5 - affine.shift[:, None]
    inverse = tf.linalg.inv(affine.matrix)
    return 0.5 + tf.einsum("bij,bpj->bpi", inverse, centred)


def mirror_label(
    label: tf.Tensor, task: Task, mirrored: tf.Tensor
) -> tf.Tensor:
    """Rename what a mirror swaps: points, classes, or a value's sign.

    The points' coordinates are moved by `move_points`; here the left eye
    becomes the right one, and a head turned left one turned right.
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
    """Renames points (B, P, 2), or what belongs to them (B, P)."""
    swapped = tf.gather(points, task.mirror, axis=1)
    chosen = tf.reshape(mirrored, [-1] + [1] * (len(points.shape) - 1))
    return tf.where(chosen, swapped, points)


def mirror_weights(
    weights: Mapping[str, tf.Tensor], tasks: Sequence[Task], mirrored: tf.Tensor
) -> dict[str, tf.Tensor]:
    """The weights of a batch, those (B, P) of points swapped with the points.

    Where a face has no left eye, its mirror image has no right one.
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
    """All labels of a batch, moved and mirrored with its pixels."""
    out = {}
    for task in tasks:
        label = labels[task.name]
        if task.kind == "landmarks":
            label = move_points(label, affine)
        out[task.name] = mirror_label(label, task, affine.mirrored)
    return out
