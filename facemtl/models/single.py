"""The single-task baseline: one tower for one task."""

import json
from typing import Any

from facemtl.errors import InputError
from facemtl.models.blocks import Stage
from facemtl.models.heads import heads
from facemtl.models.towers import tower
from facemtl.tasks import Task


def single(
    image: Any,
    tasks: tuple[Task, ...],
    stages: list[Stage],
    landmarks: str = "dense",
) -> dict[str, Any]:
    """Build a network that predicts one task.

    Args:
        image: (B, S, S, C) scaled images.
        tasks: exactly one task.
        stages: the tower's stages.
        landmarks: form of the landmark heads, see `heads`.

    Returns:
        {task: prediction}.

    Raises:
        InputError: for any number of tasks other than one.
    """
    if len(tasks) != 1:
        names = [task.name for task in tasks]
        one = f"model.tasks={json.dumps(names[:1])}"
        raise InputError(
            "Expected one task for model.architecture = 'single'. "
            f"Received: {names}. Choose one, such as --set '{one}', or take "
            "'split', which learns all (--model split on the command line)."
        )
    return heads(tasks, tower(image, stages), landmarks)
