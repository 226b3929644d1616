"""Optimizers: warm-up and cosine, and a group of its own for the units."""

from collections.abc import Mapping
from typing import Any

import keras

from facemtl.errors import InputError

SCHEDULES = ("cosine", "constant")
# One number a layer or channel: decaying it to zero would mean something.
NO_DECAY = ["bias", "gamma", "beta", "alpha", "map_a", "map_b", "log_variance"]


def schedule(
    rate: float, steps: int, warm_up: float, form: str = "cosine"
) -> Any:
    """A learning rate that rises to `rate`, then falls to zero as a cosine.

    Args:
        rate: the highest rate.
        steps: of the whole training.
        warm_up: share of the steps that rise.
        form: `"cosine"`, or `"constant"` to stay at the highest rate.

    Raises:
        InputError: for an unknown form.
    """
    if form not in SCHEDULES:
        raise InputError(
            f"Expected train.schedule in {SCHEDULES}. Received: {form!r}."
        )
    rising = round(warm_up * steps)
    return keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0 if rising else rate,
        decay_steps=max(steps - rising, 1),
        # The share of the highest rate that is left at the end.
        alpha=1.0 if form == "constant" else 0.0,
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
        InputError: for an unknown `schedule` or `stitch_optimizer`.

    Reference: the rate of α: Misra et al., CVPR 2016, section 5 (x 100).
    """
    rate, warm_up = settings["learning_rate"], settings["warm_up"]
    form = settings["schedule"]
    network = keras.optimizers.AdamW(
        schedule(rate, steps, warm_up, form),
        weight_decay=settings["weight_decay"],
    )
    network.exclude_from_weight_decay(var_names=NO_DECAY)
    faster = schedule(rate * settings["stitch_rate"], steps, warm_up, form)
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
