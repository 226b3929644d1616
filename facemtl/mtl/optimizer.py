"""An optimizer with a learning rate of their own for units that mix streams."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import keras

from facemtl.arguments import checked_choice, checked_number
from facemtl.errors import InputError
from facemtl.layers import CrossStitch
from facemtl.mtl.architectures import NDDR, Sluice
from facemtl.mtl.scaled_schedule import ScaledSchedule

UNITS: tuple[type[keras.layers.Layer], ...] = (CrossStitch, NDDR, Sluice)
KINDS = {"sgd": keras.optimizers.SGD, "adam": keras.optimizers.Adam}


def stitch_optimizer(
    model: keras.Model,
    optimizer: str | keras.optimizers.Optimizer = "adam",
    factor: float = 100.0,
    kind: str = "sgd",
    layers: Sequence[type[keras.layers.Layer]] = UNITS,
) -> keras.optimizers.Optimizer:
    """Return an optimizer that trains units at `factor` times its rate.

    Units are found by their type, wherever they are in the model.

    Args:
        model: a built model.
        optimizer: a Keras optimizer or its name, for all other weights.
        factor: of the units' learning rate, at least 0.
        kind: the units' optimizer, `"sgd"` as Misra et al., or `"adam"`.
        layers: the types of the units.

    Returns:
        A `keras.optimizers.MultiOptimizer`.

    Raises:
        ValueError: for a model without such a layer, an unknown kind, or a
            negative factor.

    Example:

    >>> streams = [keras.Input((4,)), keras.Input((4,))]
    >>> model = keras.Model(streams, CrossStitch(name="unit")(streams))
    >>> both = stitch_optimizer(model, keras.optimizers.Adam(0.001))
    >>> both.build(model.trainable_variables)
    >>> sgd = keras.optimizers.SGD
    >>> (unit,) = [x for x in both.optimizers if isinstance(x, sgd)]
    >>> round(float(unit.learning_rate), 4)
    0.1

    Reference: Misra et al., "Cross-stitch Networks for Multi-task Learning",
    CVPR 2016, section 5 (x 100); NDDR-CNN takes the same factor.
    """
    checked_number("factor >= 0", factor, lambda x: x >= 0)
    checked_choice("kind", kind, list(KINDS))
    optimizer = keras.optimizers.get(optimizer)
    faster = KINDS[kind](_scaled(optimizer, factor))
    paths = "|".join(map(re.escape, _some_paths(model, tuple(layers))))
    return keras.optimizers.MultiOptimizer(
        keras.optimizers.OptimizerMap(optimizer, {f"({paths})": faster})
    )


def _some_paths(
    model: keras.Model, kinds: tuple[type[keras.layers.Layer], ...]
) -> list[str]:
    """Return the paths that `unit_paths` finds, or raise if there are none."""
    if paths := unit_paths(model, kinds):
        return paths
    raise InputError(
        "Expected a built model with layers of "
        f"{[kind.__name__ for kind in kinds]}. "
        f"Received: none in '{model.name}'."
    )


def unit_paths(
    model: keras.Model, kinds: tuple[type[keras.layers.Layer], ...] = UNITS
) -> list[str]:
    """Return the paths of the weights that all layers of some types learn."""
    units = [x for x in all_layers(model) if isinstance(x, kinds)]
    return sorted({w.path for unit in units for w in unit.trainable_weights})


def all_layers(layer: keras.layers.Layer) -> Iterator[keras.layers.Layer]:
    """Yield a layer and all layers inside it, in models, twins and wrappers.

    Example:

    >>> inner = keras.Sequential([keras.layers.Dense(1, name="fc")])
    >>> [x.name for x in all_layers(keras.Sequential([inner]))][-1]
    'fc'
    """
    yield layer
    for part in getattr(layer, "_layers", ()):
        yield from all_layers(part)


def _scaled(optimizer: keras.optimizers.Optimizer, factor: float) -> Any:
    """Return the optimizer's learning rate or schedule, times a factor."""
    config = optimizer.get_config()
    rate = config.get("learning_rate")
    if isinstance(rate, dict):
        return ScaledSchedule(rate, factor)
    return factor * float(rate)
