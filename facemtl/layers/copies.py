"""Copies of a Keras layer from its configuration: a stream's own layer."""

from collections.abc import Mapping
from typing import Any

import keras

# Far from the seeds that people choose: no stream meets another layer's.
SEED_STEP = 1_000_003
# How a layer was built and compiled, and by which number Keras finds it again
# while a file is read: a copy has none of them.
STATE = ("build_config", "compile_config", "shared_object_id")


def copy_layer(
    layer: keras.layers.Layer, name: str, number: int = 0
) -> keras.layers.Layer:
    """A new layer of the same configuration, without the layer's weights.

    Args:
        layer: any Keras layer, or a model.
        name: of the copy.
        number: from 0. Copy 0 has the layer's own seeds, every other copy
            seeds of its own, the same in each process.

    Example:

    >>> layer = keras.layers.Dropout(0.5, seed=3)
    >>> [copy_layer(layer, "copy", i).seed for i in (0, 1)]
    [3, 1000006]
    """
    config = reseeded(unbuilt(layer.get_config()), number)
    return type(layer).from_config({**config, "name": name})


def start_from(copy: keras.layers.Layer, layer: keras.layers.Layer) -> None:
    """Give a copy the weights of its layer, moving statistics included.

    A layer without weights has nothing to give.

    Example:

    >>> import numpy as np
    >>> layer = keras.layers.Dense(1)
    >>> layer.build((None, 2))
    >>> copy = copy_layer(layer, "copy")
    >>> start_from(copy, layer)
    >>> bool(np.all(copy.kernel == layer.kernel))
    True
    """
    if len(copy.weights) < len(layer.weights):
        built = layer.get_build_config() or {}
        if "input_shape" in built:
            # As Keras builds any layer, also one without a `build`.
            copy(keras.KerasTensor(built["input_shape"]))
        else:
            copy.build_from_config(built)
    copy.set_weights(layer.get_weights())
    for part in (copy, *getattr(copy, "layers", ())):
        # `Normalization` computes with what it derives from its weights.
        if hasattr(part, "finalize_state"):
            part.finalize_state()


def reseeded(config: Any, number: int) -> Any:
    """A part of a configuration with the seeds of copy `number`.

    Every integer under `seed`, or a key that ends so, is a seed: those of
    initializers, dropout, seed generators and nested layers alike.

    Example:

    >>> reseeded({"units": 3, "kernel_initializer": {"seed": 1}}, 1)
    {'units': 3, 'kernel_initializer': {'seed': 1000004}}
    """
    if isinstance(config, Mapping):
        return {
            key: _seed(value, number)
            if str(key).endswith("seed") and type(value) is int
            else reseeded(value, number)
            for key, value in config.items()
        }
    if isinstance(config, (list, tuple)):
        parts = [reseeded(part, number) for part in config]
        return tuple(parts) if isinstance(config, tuple) else parts
    # An object that a configuration holds would be shared by all copies.
    if hasattr(config, "get_config") and hasattr(type(config), "from_config"):
        return type(config).from_config(reseeded(config.get_config(), number))
    return config


def _seed(seed: int, number: int) -> int:
    return (seed + number * SEED_STEP) % 2**31 if number else seed


def unbuilt(config: Any) -> Any:
    """A serialized layer, and all in it, as if it were never built.

    Example:

    >>> unbuilt({"class_name": "Dense", "build_config": {"input_shape": [4]}})
    {'class_name': 'Dense'}
    """
    if isinstance(config, Mapping):
        return {k: unbuilt(v) for k, v in config.items() if k not in STATE}
    if isinstance(config, (list, tuple)):
        parts = [unbuilt(part) for part in config]
        return tuple(parts) if isinstance(config, tuple) else parts
    return config
