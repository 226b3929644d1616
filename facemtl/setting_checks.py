"""Checks of settings that hold whatever they are used for."""

from collections.abc import Mapping
from typing import Any

from facemtl.errors import InputError
from facemtl.settings import ARCHITECTURES, LIMITS, MOST


def check_ranges(config: Mapping[str, Any]) -> None:
    """Raise `InputError` for a number beyond its setting's limits.

    Also for an unknown architecture, because run folders are named after it.
    """
    architecture = config["model"]["architecture"]
    if architecture not in ARCHITECTURES:
        raise InputError(
            f"Expected model.architecture in {list(ARCHITECTURES)}. "
            f"Received: {architecture!r}."
        )
    for name, (least, most) in LIMITS.items():
        section, key = name.split(".")
        value = config[section][key]
        if value < least:
            raise InputError(f"Expected {name} >= {least}. Received: {value}.")
        if value > most:
            raise InputError(f"Expected {name} <= {most}. Received: {value}.")


def check_finite(value: Any, where: str) -> None:
    """Raise `InputError` for a number, or one in a list, that is too large.

    Example:

    >>> check_finite([0.5, float("nan")], "'model.stitch.alpha'")
    Traceback (most recent call last):
        ...
    facemtl.errors.InputError: 'model.stitch.alpha': expected a finite number...
    """
    if isinstance(value, list | tuple):
        for item in value:
            check_finite(item, where)
    # NaN fails this comparison too.
    elif isinstance(value, int | float) and not -MOST <= value <= MOST:
        raise InputError(
            f"{where}: expected a finite number of at most {MOST:,}. "
            f"Received: {_shown(value)}."
        )


def _shown(value: float) -> str:
    """Format a number; Python cannot format an integer of 5,000 digits."""
    if isinstance(value, int) and abs(value) > 10**30:
        return f"an integer of {value.bit_length():,} bits"
    return f"{value}"
