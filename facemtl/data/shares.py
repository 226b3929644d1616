"""Use a share of the training faces or labels, or repeat labelled faces."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from facemtl.data.faces import Faces
from facemtl.errors import InputError


def share_of(
    faces: Faces, share: float, labelled: Mapping[str, float]
) -> Faces:
    """Select a random share of the faces, in their original order.

    A task in `labelled` keeps its labels on a share of the selected faces only.
    The random order is fixed, so a smaller share is a subset of a larger one.

    Args:
        faces: the training faces.
        share: the share of faces to select, in (0, 1].
        labelled: {task: share of the selected faces that keep its labels}.

    Raises:
        InputError: for an unknown task, or a share outside (0, 1].
    """
    tasks = {task.name: task for task in faces.tasks}
    order = np.random.default_rng(0).permutation(len(faces))
    order = order[: _count(share, len(faces))]
    labels = dict(faces.labels)
    for name, part in labelled.items():
        number = isinstance(part, int | float)
        if name not in tasks or not (number and 0 < part <= 1):
            raise InputError(
                f"Expected data.labelled as shares in (0, 1] of {list(tasks)}. "
                f"Received: {name} = {part!r}."
            )
        kept = order[: _count(part, len(order))]
        labels[name] = tasks[name].no_labels(len(faces))
        labels[name][kept] = faces.labels[name][kept]
    return replace(faces, labels=labels).select(np.sort(order))


def repeated(faces: Faces, repeat: Mapping[str, int]) -> Faces:
    """Repeat the faces that are labelled for a task.

    A task with few labels in a batch gets a noisy gradient, and is trained on
    its faces less often than in a single-task network.

    Args:
        faces: the training faces.
        repeat: {task: how many times each of its labelled faces appears}. The
            largest number applies to a face with several of these labels.

    Raises:
        InputError: for an unknown task, or a number below 1.
    """
    tasks = {task.name: task for task in faces.tasks}
    times = np.ones(len(faces), int)
    for name, wanted in repeat.items():
        if name not in tasks or type(wanted) is not int or wanted < 1:
            raise InputError(
                "Expected data.repeat as whole numbers from 1 for some of "
                f"{list(tasks)}. Received: {name} = {wanted!r}."
            )
        known = tasks[name].is_labelled(faces.labels[name])
        times[known] = np.maximum(times[known], wanted)
    return faces.select(np.repeat(np.arange(len(faces)), times))


def _count(share: float, n: int) -> int:
    return max(round(share * n), 1)
