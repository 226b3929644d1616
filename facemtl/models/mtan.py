"""MTAN: one trunk, and masks of attention for each task."""

from typing import Any

import keras
from keras import layers

from facemtl.layers import BatchNormalization
from facemtl.models.blocks import Stage
from facemtl.models.heads import heads
from facemtl.models.towers import Features, tower
from facemtl.mtl.architectures import TaskAttention
from facemtl.tasks import Task


def mtan(
    image: Any,
    tasks: tuple[Task, ...],
    stages: list[Stage],
    landmarks: str = "dense",
    normalization: bool = True,
) -> dict[str, Any]:
    """Build a trunk that all tasks share, with a mask a task after each stage.

    A stage is one convolution or residual block. The mask therefore sees its
    output p alone (u = p), and the features that the task selected after the
    stage before. The heads read the selected features, as they read a tower's.

    Args:
        image: (B, S, S, C) scaled images.
        tasks: one or more tasks.
        stages: the trunk's stages.
        landmarks: form of the landmark heads, see `heads`.
        normalization: whether the masks normalize batches.

    Returns:
        {task: prediction}.

    Reference: Liu, Johns, Davison, "End-to-End Multi-Task Learning with
    Attention", CVPR 2019, arXiv:1803.10704.
    """
    shared = tower(image, stages)
    ends = [*shared.maps, shared.flat]
    predictions: dict[str, Any] = {}
    for task in tasks:
        own: list[Any] = []
        for stage, end in zip(stages, ends, strict=True):
            carry = _carry(own[-1], end, normalization) if own else None
            # A layer a task, so that its weights have the task's name.
            attention = TaskAttention(
                1, carry, normalization, name=attention_name(task, stage.name)
            )
            own += attention([end, end, *own[-1:]])
        features = Features(own[:-1], own[-1])
        predictions |= heads((task,), features, landmarks)
    return predictions


def attention_name(task: Task, stage: str) -> str:
    """Return the name of the layer with a task's mask after a stage."""
    return f"{task.name}_attention_{stage}"


def _carry(before: Any, after: Any, normalization: bool) -> keras.Sequential:
    """Return f, which brings selected features to the size of the next stage.

    The paper's f is a 3x3 convolution before pooling. Here pooling is first,
    for a quarter of the multiply-adds.
    """
    if len(after.shape) == 2:  # the fully connected layer
        return keras.Sequential([layers.GlobalAveragePooling2D()], name="carry")
    sides = list(zip(before.shape[1:3], after.shape[1:3], strict=True))
    strides = [large // small for large, small in sides]
    # Windows that cover the map, and may overlap.
    pool = [
        large - (small - 1) * step
        for (large, small), step in zip(sides, strides, strict=True)
    ]
    parts = [
        layers.MaxPooling2D(pool, strides),
        layers.Conv2D(
            before.shape[-1],
            3,
            padding="same",
            use_bias=not normalization,
            name="conv",
        ),
        *([BatchNormalization(name="norm")] if normalization else []),
        layers.Activation("relu"),
    ]
    return keras.Sequential(parts, name="carry")
