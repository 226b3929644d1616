"""The conflict between the tasks of a trained network."""

from itertools import combinations
from typing import Any

import numpy as np

from facemtl.errors import InputError
from facemtl.models import FaceNetwork
from facemtl.models.mmoe import GATES
from facemtl.mtl.callbacks.conflict import cosines
from facemtl.mtl.gradients import per_task_gradients
from facemtl.mtl.model import MultiTaskModel
from facemtl.pipeline.batches import fixed_batches
from facemtl.pipeline.crop_cache import Crops
from facemtl.settings import Settings
from facemtl.training.task_losses import task_losses

FACES = 250


def conflict(
    network: FaceNetwork, validation: Crops, settings: Settings
) -> dict[str, dict[str, float]]:
    """Return the cosines between the tasks' gradients in shared layers.

    Gradients are those of the first 250 validation faces; λ are left out.

    Args:
        network: the trained network.
        validation: validation crops without a border.
        settings: those of the run; nothing is measured without
            `train.conflict`.

    Returns:
        {layer: {"task, task": cosine}}; empty for one task, and for tasks
        that share no layer. A task without a label has no cosines.
    """
    if not settings.train.conflict or len(network.tasks) < 2:
        return {}
    losses = task_losses(network.tasks, validation.labels(), settings.loss)
    model = MultiTaskModel(network, losses)
    batch = next(iter(fixed_batches(validation, FACES)))
    try:
        gradients = per_task_gradients(model, *batch)
    except InputError:  # no layer that two of the tasks share
        return {}
    # One weight, of which each task has columns of its own.
    for own in gradients.values():
        own.pop(GATES, None)
    found = cosines(gradients)
    return {layer: _pairs(model.tasks, own) for layer, own in found.items()}


def _pairs(tasks: list[str], matrix: np.ndarray) -> dict[str, Any]:
    return {
        f"{tasks[i]}, {tasks[j]}": round(float(matrix[i, j]), 4)
        for i, j in combinations(range(len(tasks)), 2)
        if np.isfinite(matrix[i, j])
    }
