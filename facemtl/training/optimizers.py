"""The optimizer and its schedule, with a group for units of streams."""

import re
from collections.abc import Iterable
from typing import Any

import keras

from facemtl.arguments import (
    checked_choice,
    checked_count,
    checked_number,
)
from facemtl.settings import TrainSettings

SCHEDULES = ("cosine", "constant")
# One number per layer or channel, for which zero is not a neutral value.
NO_DECAY = ["bias", "gamma", "beta", "alpha", "map_a", "map_b", "log_variance"]


def schedule(
    rate: float, steps: int, warm_up: float, form: str = "cosine"
) -> Any:
    """Return a learning rate that rises to `rate` and decays as a cosine.

    Args:
        rate: the highest rate, at least 0.
        steps: number of steps of the whole training, at least 1.
        warm_up: share of the steps with a rising rate, in [0, 1].
        form: `"cosine"`, or `"constant"` to stay at the highest rate.

    Raises:
        ValueError: for an unknown form, or a number out of range.
    """
    checked_choice("train.schedule", form, SCHEDULES)
    checked_count("steps", steps)
    checked_number("a learning rate >= 0", rate, lambda x: x >= 0)
    checked_number("train.warm_up in [0, 1]", warm_up, lambda x: 0 <= x <= 1)
    rising = round(warm_up * steps)
    return keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0 if rising else rate,
        decay_steps=max(steps - rising, 1),
        # Share of the highest rate at the end of training.
        alpha=1.0 if form == "constant" else 0.0,
        warmup_target=rate if rising else None,
        warmup_steps=rising,
    )


def build_optimizer(
    train: TrainSettings,
    steps: int,
    kept: Iterable[str] = (),
    kept_rate: float = 1.0,
    units: Iterable[str] = (),
) -> keras.optimizers.Optimizer:
    """Return AdamW for the network, with a faster group for stitch units.

    Args:
        train: settings of `[train]`.
        steps: number of steps of the whole training.
        kept: paths of weights that have been trained before.
        kept_rate: factor on their learning rate.
        units: paths of the units' weights, apart from α of cross-stitch and
            sluice units, which is found by its name.

    Returns:
        A `MultiOptimizer`.

    Raises:
        ValueError: for an unknown `schedule` or `stitch_optimizer`, or a
            number out of range.

    Reference: the rate of α: Misra et al., CVPR 2016, section 5 (x 100).
    """
    for key in ("learning_rate", "weight_decay", "stitch_rate"):
        number = getattr(train, key)
        checked_number(f"train.{key} >= 0", number, lambda x: x >= 0)
    rate, warm_up, form = train.learning_rate, train.warm_up, train.schedule
    network = _adam(schedule(rate, steps, warm_up, form), train.weight_decay)
    faster = schedule(rate * train.stitch_rate, steps, warm_up, form)
    kinds = {"sgd": keras.optimizers.SGD, "adam": keras.optimizers.Adam}
    kind = train.stitch_optimizer
    checked_choice("train.stitch_optimizer", kind, list(kinds))
    apart = [path for path in units if not path.endswith("/alpha")]
    names = "|".join([r"(.*/)?stitch_\w+/alpha", *map(re.escape, apart)])
    groups = {f"({names})": kinds[kind](faster)}
    known = [x for x in kept if not x.endswith("/alpha") and x not in apart]
    if known and kept_rate != 1:
        slower = schedule(rate * kept_rate, steps, warm_up, form)
        names = "|".join(map(re.escape, known))
        groups[f"({names})"] = _adam(slower, train.weight_decay)
    return keras.optimizers.MultiOptimizer(
        keras.optimizers.OptimizerMap(network, groups)
    )


def _adam(rate: Any, weight_decay: float) -> keras.optimizers.Optimizer:
    """Return AdamW that decays kernels only."""
    kind = keras.optimizers.AdamW
    if keras.backend.backend() == "tensorflow":
        from facemtl.training.fused_adam import FusedAdamW as kind
    optimizer = kind(rate, weight_decay=weight_decay)
    optimizer.exclude_from_weight_decay(var_names=NO_DECAY)
    return optimizer
