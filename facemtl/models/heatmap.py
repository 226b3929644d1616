"""Landmarks by heat maps: where in the finest map each point lies."""

from typing import Any

from keras import layers

from facemtl.layers import SoftArgmax
from facemtl.models.towers import Features
from facemtl.tasks import Task


def heatmap_head(task: Task, features: Features) -> Any:
    """A heat map a point on the finest map of a tower, and its soft-argmax.

    Each stage's map, brought to k channels and to the size of the finest,
    and what the fully connected layer knows of the whole face are added up:
    the coarse ones know which eye it is, the fine one where. Twice as many
    channels as the finest map has are enough.

    Args:
        task: of landmarks, P points.
        features: of its tower.

    Returns:
        (B, P, 2) in units of the window, float32.
    """
    name = task.name
    finest = features.maps[0]
    size, k = finest.shape[1:3], 2 * finest.shape[-1]
    parts = [
        _to_size(layers.Conv2D(k, 1, name=f"{name}_from{i}")(part), size)
        for i, part in enumerate(features.maps, start=1)
    ]
    whole = layers.Dense(k, use_bias=False, name=f"{name}_whole")(features.flat)
    x = layers.Add()([*parts, layers.Reshape((1, 1, k))(whole)])
    x = layers.BatchNormalization(name=f"{name}_norm")(x)
    x = layers.Activation("relu")(x)
    maps = layers.Conv2D(
        task.size,
        3,
        padding="same",
        dtype="float32",
        name=f"{name}_heatmaps",
    )(x)
    return SoftArgmax(dtype="float32", name=name)(maps)


def _to_size(x: Any, size: tuple[int, int]) -> Any:
    if x.shape[1:3] == size:
        return x
    return layers.Resizing(*size, interpolation="bilinear")(x)
