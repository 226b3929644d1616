"""Weightings of the tasks' losses: each sums {task: loss} to one total.

A weighting is a small Keras layer. Its weights are trained, saved and restored
with the model that has it.
"""

from collections.abc import Sequence
from typing import Any

from facemtl.arguments import checked_choice
from facemtl.mtl.weighting.dynamic import DynamicWeightAverage
from facemtl.mtl.weighting.famo import FAMOWeighting
from facemtl.mtl.weighting.fixed import FixedWeighting
from facemtl.mtl.weighting.geometric import GeometricLoss
from facemtl.mtl.weighting.imtl import IMTLWeighting
from facemtl.mtl.weighting.random import RandomWeighting
from facemtl.mtl.weighting.tchebycheff import TchebycheffWeighting
from facemtl.mtl.weighting.uncertainty import UncertaintyWeighting

WEIGHTINGS: dict[str, type[FixedWeighting]] = {
    "fixed": FixedWeighting,
    "uncertainty": UncertaintyWeighting,
    "dynamic_weight_average": DynamicWeightAverage,
    "geometric": GeometricLoss,
    "random": RandomWeighting,
    "imtl": IMTLWeighting,
    "tchebycheff": TchebycheffWeighting,
    "famo": FAMOWeighting,
}

__all__ = [
    "WEIGHTINGS",
    "DynamicWeightAverage",
    "FAMOWeighting",
    "FixedWeighting",
    "GeometricLoss",
    "IMTLWeighting",
    "RandomWeighting",
    "TchebycheffWeighting",
    "UncertaintyWeighting",
    "named_weighting",
]


def named_weighting(
    method: str, tasks: Sequence[str], **options: Any
) -> FixedWeighting:
    """Return the weighting of a name in `WEIGHTINGS`.

    Args:
        method: the name.
        tasks: task names.
        options: the arguments of its class.

    Raises:
        InputError: for an unknown name.

    Example:

    >>> type(named_weighting("famo", ["a", "b"])).__name__
    'FAMOWeighting'
    """
    checked_choice("weighting", method, list(WEIGHTINGS))
    return WEIGHTINGS[method](tasks, **options)
