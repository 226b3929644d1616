"""The single-task baseline: one tower, one task."""

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
    """A network that learns landmarks alone, or one attribute alone.

    Args:
        image: (B, S, S, C) scaled images.
        tasks: exactly one task.
        stages: the tower's stages.
        landmarks: the form of landmarks' heads, see `heads`.

    Returns:
        {task: answer}.

    Raises:
        InputError: for more or fewer tasks than one.
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
