"""Heads: the last, task-own layer. Layer name = task name = answer's key."""

from typing import Any

from keras import initializers, layers

from facemtl.errors import InputError
from facemtl.models.heatmap import heatmap_head
from facemtl.models.towers import Features
from facemtl.tasks import Task


def dense_head(task: Task, features: Any) -> Any:
    """Landmarks from the fully connected layer: (B, F) -> (B, P, 2).

    In units of the window, float32. Every point starts near its centre.
    """
    flat = layers.Dense(
        task.size * 2,
        kernel_initializer=initializers.RandomNormal(stddev=0.01),
        bias_initializer=initializers.Constant(0.5),
        dtype="float32",
        name=f"{task.name}_fc",
    )(features)
    shape = (task.size, 2)
    return layers.Reshape(shape, dtype="float32", name=task.name)(flat)


def value_head(task: Task, features: Any) -> Any:
    """A number from the fully connected layer: (B, F) -> (B, 1), float32.

    It starts near 0: with a `value_scales`, at the training labels' median.
    """
    return layers.Dense(
        1,
        kernel_initializer=initializers.RandomNormal(stddev=0.01),
        dtype="float32",
        name=task.name,
    )(features)


def head(task: Task, features: Features, landmarks: str) -> Any:
    """The answer of one task, float32 under any precision.

    Args:
        task: what is asked.
        features: of the tower.
        landmarks: see `heads`.

    Returns:
        Landmarks: (B, P, 2) in units of the window, near [0, 1]. Classes:
        (B, K) probabilities. Value: (B, 1).
    """
    if task.kind == "landmarks" and landmarks == "heatmap":
        return heatmap_head(task, features)
    if task.kind == "landmarks":
        return dense_head(task, features.flat)
    if task.kind == "value":
        return value_head(task, features.flat)
    return layers.Dense(
        task.size, activation="softmax", dtype="float32", name=task.name
    )(features.flat)


def heads(
    tasks: tuple[Task, ...], features: Features, landmarks: str = "dense"
) -> dict[str, Any]:
    """The answers of several tasks that share their features.

    Args:
        tasks: what is asked.
        features: of their tower.
        landmarks: `"dense"`: points are what the last layer says, as in the
            papers; `"heatmap"`: the centres of heat maps.

    Raises:
        InputError: for another form.
    """
    if landmarks not in ("dense", "heatmap"):
        raise InputError(
            "Expected model.landmarks = 'dense' or 'heatmap'. "
            f"Received: {landmarks!r}."
        )
    return {task.name: head(task, features, landmarks) for task in tasks}
