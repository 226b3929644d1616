"""Names and shapes of a network's outputs."""

from collections.abc import Container, Iterable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from facemtl.tasks.task import Task


def sigma_name(task: "Task") -> str:
    """Return the name of the standard deviations that a network predicts."""
    return f"{task.name}_sigma"


def spread_name(task: "Task") -> str:
    """Return the name of the layer that measures the spread of heat maps."""
    return f"{task.name}_spread"


def no_predictions(
    tasks: Iterable["Task"], sigma: Container[str] = ()
) -> dict[str, np.ndarray]:
    """Return a network's predictions for zero faces, by name.

    Args:
        tasks: tasks of the network.
        sigma: names of the landmarks tasks whose deviations it predicts.

    Example:

    >>> from facemtl.tasks import Task
    >>> eyes = Task("eyes", "landmarks", ("left", "right"), (1, 0))
    >>> {k: y.shape for k, y in no_predictions([eyes], {"eyes"}).items()}
    {'eyes': (0, 2, 2), 'eyes_sigma': (0, 2)}
    """
    predictions = {}
    for task in tasks:
        predictions[task.name] = task.no_predictions()
        if task.name in sigma:
            deviations = np.empty((0, task.size), np.float32)
            predictions[sigma_name(task)] = deviations
    return predictions
