"""The weighting of the tasks that the settings of a run name."""

from collections.abc import Sequence
from typing import Any

from facemtl.errors import InputError
from facemtl.mtl.weighting import (
    WEIGHTINGS,
    DynamicWeightAverage,
    FixedWeighting,
    UncertaintyWeighting,
)
from facemtl.settings import WeightingSettings

__all__ = [
    "DynamicWeightAverage",
    "FixedWeighting",
    "UncertaintyWeighting",
    "build_weighting",
]


def build_weighting(
    tasks: Sequence[str], settings: WeightingSettings
) -> FixedWeighting:
    """Return the method that `weighting.method` names.

    Raises:
        InputError: for an unknown method, or a wrong λ or temperature.
    """
    method = settings.method
    if method not in WEIGHTINGS:
        raise InputError(
            f"Expected weighting.method in {list(WEIGHTINGS)}. "
            f"Received: {method!r}."
        )
    # A configuration may set the λ of tasks that this network does not learn.
    options: dict[str, Any] = {
        "lambdas": settings.lambdas,
        "name": "weighting",
    }
    if method == "dynamic_weight_average":
        options["temperature"] = settings.temperature
    try:
        return WEIGHTINGS[method](tasks, **options)
    except InputError as error:  # Name the setting, not the argument.
        said = str(error).replace("Expected ", "Expected weighting.", 1)
        raise InputError(said) from None
