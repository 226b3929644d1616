"""Heads: the last, task-own layer. Layer name = task name = answer's key."""

from typing import Any

from keras import initializers, layers

from facemtl.tasks import Task


def head(task: Task, features: Any) -> Any:
    """The answer of one task, float32 under any precision.

    Args:
        task: what is asked.
        features: (B, F) tensor.

    Returns:
        Landmarks: (B, P, 2) in units of the window, near [0, 1]. Classes:
        (B, K) probabilities. Value: (B, 1).
    """
    if task.kind == "landmarks":
        flat = layers.Dense(
            task.size * 2,
            # Every point starts near the window's centre.
            kernel_initializer=initializers.RandomNormal(stddev=0.01),
            bias_initializer=initializers.Constant(0.5),
            dtype="float32",
            name=f"{task.name}_fc",
        )(features)
        shape = (task.size, 2)
        return layers.Reshape(shape, dtype="float32", name=task.name)(flat)
    activation = "softmax" if task.kind == "classes" else "linear"
    return layers.Dense(
        task.size, activation=activation, dtype="float32", name=task.name
    )(features)


def heads(tasks: tuple[Task, ...], features: Any) -> dict[str, Any]:
    """The answers of several tasks that share their features."""
    return {task.name: head(task, features) for task in tasks}
