"""Batches of crops by tf.data, augmented in one vectorized step per batch.

A batch is (x, y, sample_weight): x is (B, S, S, C) float32, 0 to 255; y and
sample_weight are dictionaries by task. Weights are (B,), or (B, P) for
landmarks: 0 for a missing label or point, otherwise 1. With a teacher, y also
holds the teacher's predictions as `y[TEACHER]`.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import tensorflow as tf

from facemtl.pipeline.augment import (
    Cached,
    augment_labels,
    mirror_weights,
    random_affine,
    warp,
)
from facemtl.pipeline.crop_cache import Crops
from facemtl.pipeline.crop_file import taken_rows
from facemtl.pipeline.order import Order
from facemtl.pipeline.photometric import change_pixels
from facemtl.pipeline.teacher import TEACHER, Teacher
from facemtl.settings import AugmentSettings
from facemtl.tasks import Task

# Bytes of crops that are copied to TensorFlow; larger ones stay where they are,
# mapped from their file, which takes 3 % of a step of `single`.
SMALL = 2**28
Batch = tuple[tf.Tensor, dict[str, tf.Tensor], dict[str, tf.Tensor]]


def arrays(crops: Crops) -> dict[str, Any]:
    """Return crops and labels of N faces as arrays: x, y and sample_weight.

    Weights are (N,), or (N, P) for landmarks. Missing labels are replaced by
    0.5 (points) or 0, so that their zero weights do not multiply NaN.
    """
    y, weight = {}, {}
    labels = crops.labels()
    for task in crops.faces.tasks:
        label = labels[task.name]
        known = task.labelled_parts(label)
        if task.kind == "classes":
            y[task.name] = np.where(known, label, 0).astype(np.int32)
        elif task.kind == "landmarks":
            filled = np.where(known[..., None], label, 0.5)
            y[task.name] = filled.astype(np.float32)
        else:
            y[task.name] = np.where(known, label, 0.0).astype(np.float32)
        weight[task.name] = known.astype(np.float32)
    return {"x": crops.images, "y": y, "weight": weight}


@tf.autograph.experimental.do_not_convert
def training_batches(
    crops: Crops,
    settings: AugmentSettings,
    batch_size: int,
    epoch: int | tf.Variable,
    seed: int,
    teacher: Teacher | None = None,
    least: int = 1,
    shares: Sequence[float] = (),
) -> tf.data.Dataset:
    """Return the shuffled, augmented batches of one epoch.

    Everything random is a function of (seed, epoch, step), also after a resume.

    Args:
        crops: cached crops with a border.
        settings: settings of `[augment]`.
        batch_size: faces per batch; an incomplete last batch is dropped.
        epoch: its number from 0, or an int64 variable of it.
        seed: seed of order and augmentation.
        teacher: network that predicts each augmented face at its own size.
        least, shares: see `Order`.

    Returns:
        A dataset of `Order.steps` batches.

    Example:

    >>> import facemtl
    >>> plan = facemtl.CachePlan(facemtl.CropSpec(size=40), border=0.25)
    >>> faces = facemtl.synthetic_faces(5)
    >>> crops = facemtl.crop_faces(faces, plan, verbose=0)
    >>> augment = facemtl.load_settings().augment
    >>> len(training_batches(crops, augment, 2, epoch=0, seed=0))
    2
    """
    data, tasks, plan = arrays(crops), crops.faces.tasks, crops.plan
    taken = _taker(data.pop("x"))
    data = _constants(data)
    cached = Cached(plan.spec.size, plan.scale, plan.border_pixels)

    def make(epoch: tf.Tensor, step: tf.Tensor, index: tf.Tensor) -> Batch:
        key = tf.stack([tf.constant(seed, tf.int64), epoch])
        key = tf.random.fold_in(tf.cast(key, tf.int32), tf.cast(step, tf.int32))
        batch = tf.nest.map_structure(lambda a: tf.gather(a, index), data)
        batch["x"] = taken(index)
        return _augmented(batch, tasks, settings, cached, key, teacher)

    steps = _epoch(epoch, Order(crops.faces, shares, batch_size, least), seed)
    return steps.map(make, tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)


def _epoch(
    epoch: int | tf.Variable, order: Order, seed: int
) -> tf.data.Dataset:
    """Return the steps of an epoch, which is read when an iteration begins."""
    number = tf.data.Dataset.range(1).map(lambda _: tf.cast(epoch, tf.int64))
    return number.flat_map(partial(_steps, order=order, seed=seed)).apply(
        tf.data.experimental.assert_cardinality(order.steps)
    )


def _steps(epoch: tf.Tensor, order: Order, seed: int) -> tf.data.Dataset:
    """Return the steps of an epoch: (epoch, step, indices of faces)."""
    steps = tf.data.Dataset.from_tensor_slices(order.batches(epoch, seed))
    return steps.enumerate().map(lambda step, index: (epoch, step, index))


def _augmented(
    batch: Mapping[str, Any],
    tasks: Sequence[Task],
    settings: AugmentSettings,
    cached: Cached,
    key: tf.Tensor,
    teacher: Teacher | None,
) -> Batch:
    """Turn cached faces into a batch; the key determines all randomness."""
    moved, changed = tf.unstack(tf.random.split(key, 2))
    affine = random_affine(tf.shape(batch["x"])[0], settings, moved)

    def seen(size: int, zoom: float = 1.0) -> tf.Tensor:
        nearer = affine._replace(matrix=zoom * affine.matrix)
        pixels = warp(batch["x"], nearer, cached, size)
        return change_pixels(pixels, settings, changed)

    y = augment_labels(batch["y"], tasks, affine)
    if teacher:
        y[TEACHER] = teacher.predictions(seen(teacher.size, teacher.zoom))
    weight = mirror_weights(batch["weight"], tasks, affine.mirrored)
    return seen(cached.size), y, weight


def fixed_batches(crops: Crops, batch_size: int = 250) -> tf.data.Dataset:
    """Return all faces in order without augmentation, for evaluation.

    Args:
        crops: crops without border, the default of `crop_faces`.
        batch_size: faces per batch; the last batch may be smaller.

    Example:

    >>> import facemtl
    >>> plan = facemtl.CachePlan(facemtl.CropSpec(size=40))
    >>> faces = facemtl.synthetic_faces(5)
    >>> crops = facemtl.crop_faces(faces, plan, verbose=0)
    >>> for x, y, weight in fixed_batches(crops, batch_size=3):
    ...     print(x.shape, y["landmarks"].shape, weight["smile"].shape)
    (3, 40, 40, 1) (3, 5, 2) (3,)
    (2, 40, 40, 1) (2, 5, 2) (2,)
    """
    data = arrays(crops)
    dataset = tf.data.Dataset.from_tensor_slices(
        (data["x"], data["y"], data["weight"])
    )
    return dataset.batch(batch_size).prefetch(tf.data.AUTOTUNE)


def _taker(images: np.ndarray) -> Callable[[tf.Tensor], tf.Tensor]:
    """Return a function from indices to images."""
    if images.nbytes <= SMALL:
        return partial(tf.gather, tf.constant(images))
    rows = partial(taken_rows, images)

    def taken(index: tf.Tensor) -> tf.Tensor:
        found = tf.numpy_function(rows, [index], tf.uint8, stateful=False)
        return tf.ensure_shape(found, (index.shape[0], *images.shape[1:]))

    return taken


def _constants(data: dict[str, Any]) -> dict[str, Any]:
    """Return arrays as tensors that all batches share."""
    return tf.nest.map_structure(tf.constant, data)
