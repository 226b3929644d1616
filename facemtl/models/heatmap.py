"""The heat-map head, which predicts landmarks from a tower's maps."""

from typing import Any

from keras import layers, ops

from facemtl.layers import BatchNormalization, HeatmapSpread, SoftArgmax
from facemtl.models.towers import Features
from facemtl.tasks import Task, spread_name


def heatmap_head(task: Task, features: Features) -> dict[str, Any]:
    """Predict landmarks by one heat map per point and soft-argmax.

    Each map, from the coarsest to the finest, is reduced to k channels,
    resized to the next finer map and added to it. The features of the fully
    connected layer are added first. Coarse maps tell the left eye from the
    right; the finest map locates it. k is twice the channels of the finest
    map.

    Args:
        task: landmarks of P points.
        features: features of the tower.

    Returns:
        The points under the name of the task: (B, P, 2), float32, in units of
        the window and always inside it; and the spreads of their maps under
        `spread_name(task)`: (B, P), in the same unit.

    References: the top-down path is that of Lin et al., "Feature Pyramid
    Networks for Object Detection", CVPR 2017. See `SoftArgmax` for soft-argmax.
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
    x = BatchNormalization(name=f"{name}_norm")(x)
    x = layers.Activation("relu", name=f"{name}_relu")(x)
    maps = layers.Conv2D(
        task.size,
        3,
        padding="same",
        dtype="float32",
        name=f"{name}_heatmaps",
    )(x)
    points = SoftArgmax(dtype="float32", name=name)(maps)
    spread = HeatmapSpread(dtype="float32", name=spread_name(task))
    return {name: points, spread.name: spread([maps, points])}


def _to_size(x: Any, size: tuple[int, int]) -> Any:
    if x.shape[1:3] == size:
        return x
    # Keras's layer `Resizing` would switch later layers to training mode if
    # the network is called without `training`.
    return ops.image.resize(x, size, interpolation="bilinear")
