"""Heads: the last layer of each task, which has the name of the task."""

from typing import Any

from keras import initializers, layers

from facemtl.errors import InputError
from facemtl.models.heatmap import heatmap_head
from facemtl.models.towers import Features
from facemtl.tasks import Task


def dense_head(task: Task, features: Any) -> Any:
    """Predict landmarks from the fully connected layer: (B, F) -> (B, P, 2).

    Points are float32, in units of the window. They start near its centre.
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
    """Predict a number from the fully connected layer: (B, F) -> (B, 1).

    The number is float32 and starts near 0: the median of the training labels
    if `value_scales` is used.
    """
    return layers.Dense(
        1,
        kernel_initializer=initializers.RandomNormal(stddev=0.01),
        dtype="float32",
        name=task.name,
    )(features)


def head(task: Task, features: Features, landmarks: str) -> dict[str, Any]:
    """Return the prediction of one task, float32 under any precision.

    Args:
        task: the task to predict.
        features: features of the tower.
        landmarks: see `heads`.

    Returns:
        Landmarks: (B, P, 2) in units of the window, near [0, 1]. Classes:
        (B, K) probabilities. Value: (B, 1). Under the name of the task; heat
        maps also have their spreads, see `heatmap_head`.
    """
    if task.kind == "landmarks" and landmarks == "heatmap":
        return heatmap_head(task, features)
    if task.kind == "landmarks":
        return {task.name: dense_head(task, features.flat)}
    if task.kind == "value":
        return {task.name: value_head(task, features.flat)}
    classes = layers.Dense(
        task.size, activation="softmax", dtype="float32", name=task.name
    )
    return {task.name: classes(features.flat)}


def heads(
    tasks: tuple[Task, ...], features: Features, landmarks: str = "dense"
) -> dict[str, Any]:
    """Return the predictions of several tasks that share their features.

    Args:
        tasks: the tasks to predict.
        features: features of their tower.
        landmarks: `"dense"`: points from the last dense layer, as in the
            papers. `"heatmap"`: points from heat maps by soft-argmax.

    Raises:
        InputError: for another form of landmarks.
    """
    if landmarks not in ("dense", "heatmap"):
        raise InputError(
            "Expected model.landmarks = 'dense' or 'heatmap'. "
            f"Received: {landmarks!r}."
        )
    predictions: dict[str, Any] = {}
    for task in tasks:
        predictions |= head(task, features, landmarks)
    return predictions
