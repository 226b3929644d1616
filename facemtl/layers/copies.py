"""Copies of a Keras layer, one per stream, made from its configuration."""

from collections.abc import Mapping
from typing import Any

import keras

# Large, so that the seeds of copies do not collide with those of other layers.
SEED_STEP = 1_000_003
# State of the original that a copy must not have: how it was built and
# compiled, and its number among the objects of a file.
STATE = ("build_config", "compile_config", "shared_object_id")


def copy_layer(
    layer: keras.layers.Layer, name: str, number: int = 0
) -> keras.layers.Layer:
    """Return a new layer with the same configuration and no weights.

    Args:
        layer: any Keras layer, or a model.
        name: name of the copy.
        number: index of the copy, from 0. Copy 0 keeps the seeds of the
            layer. Every other copy has different seeds, the same in every
            process.

    Example:

    >>> layer = keras.layers.Dropout(0.5, seed=3)
    >>> [copy_layer(layer, "copy", i).seed for i in (0, 1)]
    [3, 1000006]
    """
    config = reseeded(unbuilt(layer.get_config()), number)
    return type(layer).from_config({**config, "name": name})


def start_from(copy: keras.layers.Layer, layer: keras.layers.Layer) -> None:
    """Set the weights of a copy, moving statistics included, to the layer's.

    A layer without weights leaves the copy unchanged.

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
            # A call builds any layer, also one without a `build` method.
            copy(keras.KerasTensor(built["input_shape"]))
        else:
            copy.build_from_config(built)
    copy.set_weights(layer.get_weights())
    for part in (copy, *getattr(copy, "layers", ())):
        # `Normalization` derives tensors from its weights.
        if hasattr(part, "finalize_state"):
            part.finalize_state()


def reseeded(config: Any, number: int) -> Any:
    """Return part of a configuration with the seeds of copy `number`.

    Every integer under a key that ends in `seed` is a seed: those of
    initializers, dropout, seed generators and nested layers.

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
    # Copies would share an object that is part of the configuration.
    if hasattr(config, "get_config") and hasattr(type(config), "from_config"):
        return type(config).from_config(reseeded(config.get_config(), number))
    return config


def _seed(seed: int, number: int) -> int:
    return (seed + number * SEED_STEP) % 2**31 if number else seed


def unbuilt(config: Any) -> Any:
    """Return a serialized layer without the state of its building.

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
