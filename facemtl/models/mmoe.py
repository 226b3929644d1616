"""MMoE: shared convolutions, experts, and a gate for each task."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from facemtl.models.blocks import Stage
from facemtl.models.heads import heads
from facemtl.models.towers import Features, tower
from facemtl.mtl.architectures import MMoE
from facemtl.tasks import Task

LAYER = "fc"
GATES = f"{LAYER}/gates"  # The path of the weights of all gates.


def mmoe(
    image: Any,
    tasks: tuple[Task, ...],
    stages: list[Stage],
    experts: int,
    landmarks: str = "dense",
) -> dict[str, Any]:
    """Build convolutions that all tasks share, and mixed experts above them.

    An expert is the fully connected layer of the other networks. Heat maps
    read the shared maps and the task's mixture.

    Args:
        image: (B, S, S, C) scaled images.
        tasks: one or more tasks.
        stages: the stages of a tower.
        experts: the number of experts.
        landmarks: form of the landmark heads, see `heads`.

    Returns:
        {task: prediction}.

    Reference: Ma et al., "Modeling Task Relationships in Multi-task Learning
    with Multi-gate Mixture-of-Experts", KDD 2018.
    """
    *convolutions, last = stages
    start = [layer.name for layer in last.layers].index(LAYER)
    flat = Stage(last.name, last.layers[:start])
    shared = tower(image, [*convolutions, flat])
    expert = keras.Sequential(last.layers[start:], name=LAYER)
    mixed = MMoE(expert, experts, len(tasks), name=LAYER)(shared.flat)
    predictions: dict[str, Any] = {}
    for task, own in zip(tasks, mixed, strict=True):
        predictions |= heads((task,), Features(shared.maps, own), landmarks)
    return predictions


def with_gates(
    own: Any, others: Any, known: Sequence[str], tasks: Sequence[str]
) -> np.ndarray:
    """Return a network's gates, with another network's for equal tasks.

    Args:
        own: the gates (C, T E) of the network.
        others: those of the other network.
        known: the names of the other network's tasks.
        tasks: the names of the network's tasks.

    Example: two experts; the gate of `a` is kept.

    >>> with_gates(np.zeros((1, 4)), np.ones((1, 2)), ["a"], ["b", "a"])
    array([[0., 0., 1., 1.]])
    """
    parts = np.split(keras.ops.convert_to_numpy(own), len(tasks), axis=1)
    found = np.split(keras.ops.convert_to_numpy(others), len(known), axis=1)
    by_name = dict(zip(tasks, parts, strict=True))
    theirs = dict(zip(known, found, strict=True))
    return np.concatenate(
        [theirs.get(task, part) for task, part in by_name.items()], axis=1
    )
