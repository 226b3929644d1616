"""The networks of `many_tasks.py`, all of one size within 3 %."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops
from many_faces import SIZE, TASKS, groups

from facemtl.mtl import CrossStitch, MMoE, Twin

KERNELS = (5, 3, 3)
# {network: (number of groups of tasks, channels of a stream)}
STREAMS = {
    "split": (1, (16, 32, 64, 64)),
    "9 networks, one a group": (9, (6, 11, 21, 21)),
    "cross-stitch, 2 groups": (2, (11, 22, 44, 46)),
    "cross-stitch, 4 groups": (4, (8, 16, 32, 31)),
    "cross-stitch, 9 groups": (9, (6, 11, 20, 21)),
}
MIXTURE = (16, 32, 28, 30)
NETWORKS = ("MMoE, 4 experts", *STREAMS)


def build(name: str) -> keras.Model:
    """Return a network with an output (B, 1) of logits for each task."""
    x = keras.Input((SIZE, SIZE, 1))
    start = keras.layers.Rescaling(1 / 64, -2)(x)
    if name not in STREAMS:
        return keras.Model(x, mixture(start))
    count, channels = STREAMS[name]
    streams = towers([start] * count, channels, name.startswith("cross"))
    outputs: dict[str, Any] = {}
    for tasks, y in zip(groups(count), streams, strict=True):
        # One layer for all its tasks: 40 layers take long to compile.
        logits = keras.layers.Dense(len(tasks))(y)
        columns = ops.split(logits, len(tasks), axis=1)
        outputs |= zip(tasks, columns, strict=True)
    return keras.Model(x, {task: outputs[task] for task in TASKS})


def towers(
    streams: Sequence[Any], channels: Sequence[int], stitched: bool
) -> Sequence[Any]:
    """Return streams after three stages and a fully connected layer."""
    for width, kernel in zip(channels, KERNELS, strict=False):
        streams = stage(streams, width, kernel)
        streams = CrossStitch()(streams) if stitched else streams
    streams = each(keras.layers.Flatten(), streams)
    last = keras.layers.Dense(channels[-1], "relu", name="fc")
    streams = each(last, streams)
    return CrossStitch()(streams) if stitched else streams


def stage(streams: Sequence[Any], width: int, kernel: int) -> Sequence[Any]:
    """Return streams of half the size."""
    for layer in convolution(width, kernel):
        streams = each(layer, streams)
    return streams


def convolution(width: int, kernel: int) -> list[keras.layers.Layer]:
    """Return the layers of a stage."""
    return [
        keras.layers.Conv2D(width, kernel, 2, "same", use_bias=False),
        keras.layers.BatchNormalization(),
        keras.layers.ReLU(),
    ]


def each(layer: keras.layers.Layer, streams: Sequence[Any]) -> Sequence[Any]:
    """Apply a layer of its own to each stream."""
    if len(streams) == 1:
        return [layer(streams[0])]
    return Twin(layer, len(streams))(streams)


def mixture(x: Any) -> dict[str, Any]:
    """Return the tasks' logits of an MMoE behind two stages."""
    for width, kernel in zip(MIXTURE[:2], KERNELS, strict=False):
        (x,) = stage([x], width, kernel)
    expert = keras.Sequential(
        [
            *convolution(MIXTURE[2], KERNELS[2]),
            keras.layers.Flatten(),
            keras.layers.Dense(MIXTURE[3], "relu"),
        ]
    )
    mixed = ops.stack(MMoE(expert, 4, len(TASKS))(x), axis=1)
    heads = keras.layers.EinsumDense(
        "btd,td->bt", output_shape=(len(TASKS),), bias_axes="t"
    )
    columns = ops.split(heads(mixed), len(TASKS), axis=1)
    return dict(zip(TASKS, columns, strict=True))
