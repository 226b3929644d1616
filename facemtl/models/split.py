"""The split network (TCDCN): one trunk and one last layer per task."""

from typing import Any

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
    """Build a trunk that all tasks share, with one last layer per task.

    Args:
        image: (B, S, S, C) scaled images.
        tasks: one or more tasks.
        stages: the trunk's stages.
        landmarks: form of the landmark heads, see `heads`.

    Returns:
        {task: prediction}.

    Reference: Zhang et al., "Facial Landmark Detection by Deep Multi-task
    Learning", ECCV 2014.
    """
    return heads(tasks, tower(image, stages), landmarks)
