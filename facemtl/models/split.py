"""The split network (TCDCN): one trunk, a last layer for each task."""

from typing import Any

from facemtl.errors import InputError
from facemtl.models.blocks import Stage
from facemtl.models.heads import heads
from facemtl.models.towers import tower
from facemtl.tasks import Task


def split(
    image: Any,
    tasks: tuple[Task, ...],
    stages: list[Stage],
    landmarks: str = "dense",
) -> dict[str, Any]:
    """A trunk that all tasks share; only the last layer is a task's own.

    Args:
        image: (B, S, S, C) scaled images.
        tasks: one or more tasks.
        stages: the trunk's stages.
        landmarks: the form of landmarks' heads, see `heads`.

    Returns:
        {task: answer}.

    Raises:
        InputError: for no task at all.

    Reference: Zhang et al., "Facial Landmark Detection by Deep Multi-task
    Learning", ECCV 2014.
    """
    if not tasks:
        raise InputError("Expected one or more tasks. Received: none.")
    return heads(tasks, tower(image, stages), landmarks)
