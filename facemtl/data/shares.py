"""Training faces: a share of them, fewer labels, or some many times."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from facemtl.data.faces import Faces
from facemtl.errors import InputError


def share_of(
    faces: Faces, share: float, labelled: Mapping[str, float]
) -> Faces:
    """The first faces of a fixed random order, as they stood.

    Of these, the first ones keep their label of each task in `labelled`: the
    same faces that a smaller share would be.
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
    """Faces that have a task's label, so many times each.

    A batch of which few faces have the label gives that task a noisy gradient,
    and the task sees its faces more rarely than alone.
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
