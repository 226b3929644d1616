"""Optimizers: warm-up and cosine, and a group of its own for the units."""

from collections.abc import Mapping
from typing import Any

import keras

from facemtl.errors import InputError

# One number a layer or channel: decaying it to zero would mean something.
NO_DECAY = ["bias", "gamma", "beta", "alpha", "map_a", "map_b", "log_variance"]


def schedule(rate: float, steps: int, warm_up: float) -> Any:
    """A learning rate that rises to `rate` and falls to zero as a cosine.

    Args:
        rate: the highest rate.
        steps: of the whole training.
        warm_up: share of the steps that rise.
    """
    rising = round(warm_up * steps)
    return keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0 if rising else rate,
        decay_steps=max(steps - rising, 1),
        warmup_target=rate if rising else None,
        warmup_steps=rising,
    )


def build_optimizer(
    settings: Mapping[str, Any], steps: int
) -> keras.optimizers.Optimizer:
    """AdamW for the network, and a faster group for cross-stitch units.

    Args:
        settings: the `train` section of a configuration.
        steps: of the whole training.

    Returns:
        A `MultiOptimizer`; units' α are found by name.

    Raises:
        InputError: for an unknown `stitch_optimizer`.

    Reference: the rate of α: Misra et al., CVPR 2016, section 5 (x 100).
    """
    rate, warm_up = settings["learning_rate"], settings["warm_up"]
    network = keras.optimizers.AdamW(
        schedule(rate, steps, warm_up), weight_decay=settings["weight_decay"]
    )
    network.exclude_from_weight_decay(var_names=NO_DECAY)
    faster = schedule(rate * settings["stitch_rate"], steps, warm_up)
    kinds = {"sgd": keras.optimizers.SGD, "adam": keras.optimizers.Adam}
    kind = settings["stitch_optimizer"]
    if kind not in kinds:
        raise InputError(
            f"Expected train.stitch_optimizer in {list(kinds)}. "
            f"Received: {kind!r}."
        )
    groups = {r"(.*/)?stitch_\w+/alpha": kinds[kind](faster)}
    return keras.optimizers.MultiOptimizer(
        keras.optimizers.OptimizerMap(network, groups)
    )
