"""Landmarks by heat maps: where in the finest map each point lies."""

from typing import Any

from keras import layers, ops

from facemtl.layers import SoftArgmax
from facemtl.models.towers import Features
from facemtl.tasks import Task


def heatmap_head(task: Task, features: Features) -> Any:
    """A heat map a point on the finest map of a tower, and its soft-argmax.

    From the coarsest map to the finest, each is brought to k channels and
    to the size of the next, and added to it, after what the fully connected
    layer knows of the whole face: the coarse ones know which eye it is, the
    fine one where. k, twice the channels of the finest map, is enough.

    Args:
        task: of landmarks, P points.
        features: of its tower.

    Returns:
        (B, P, 2) in units of the window, float32: inside it, always.

    References: the maps' way down is that of Lin et al., "Feature Pyramid
    Networks for Object Detection", CVPR 2017; soft-argmax, see `SoftArgmax`.
    """
    name = task.name
    k = 2 * features.maps[0].shape[-1]
    whole = layers.Dense(k, use_bias=False, name=f"{name}_whole")(features.flat)
    x = layers.Reshape((1, 1, k), name=f"{name}_whole_map")(whole)
    for i, part in reversed(list(enumerate(features.maps, start=1))):
        own = layers.Conv2D(k, 1, name=f"{name}_from{i}")(part)
        x = layers.Add(name=f"{name}_add{i}")(
            [own, _to_size(x, own.shape[1:3])]
        )
    x = layers.BatchNormalization(name=f"{name}_norm")(x)
    x = layers.Activation("relu", name=f"{name}_relu")(x)
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
    # Keras's layer `Resizing` would switch the layers behind it to training
    # where a network is called without saying which.
    return ops.image.resize(x, size, interpolation="bilinear")
