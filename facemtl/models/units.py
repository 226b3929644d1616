"""The units that mix the streams of a cross-stitch network, by their names."""

from collections.abc import Mapping
from typing import Any

import keras

from facemtl.arguments import checked_choice, checked_flag, is_number
from facemtl.errors import InputError
from facemtl.layers import CrossStitch
from facemtl.layers.streams import is_sequence
from facemtl.mtl.architectures import NDDR, Sluice

UNITS = ("cross_stitch", "nddr", "sluice")
SUBSPACES = 2  # of a sluice unit, as in the paper
ALPHA = (0.9, 0.1)


def mixing_unit(
    place: str, settings: Mapping[str, Any], normalization: bool = True
) -> keras.layers.Layer:
    """Return the unit after a stage.

    Args:
        place: the stage's name.
        settings: `unit`, one of `UNITS`, `alpha` and `per_channel`, each of
            them optional.
        normalization: whether NDDR normalizes batches after its convolutions.

    Raises:
        InputError: for an unknown unit, and settings that it does not have.

    Example:

    >>> mixing_unit("fc", {"unit": "nddr", "alpha": [0.8, 0.2]}).own
    0.8
    """
    given = {"unit": "cross_stitch", **settings}
    unit = checked_choice("model.stitch.unit", given.pop("unit"), UNITS)
    name = f"stitch_{place}"
    if unit == "cross_stitch":
        return CrossStitch(**given, name=name)
    if not checked_flag("per_channel", given.pop("per_channel", True)):
        raise InputError(
            "Expected model.stitch.per_channel = true, its default, with "
            f"model.stitch.unit = {unit!r}. Received: false, which is of "
            "'cross_stitch' alone."
        )
    alpha = given.pop("alpha", ALPHA)
    if unit == "sluice":
        return Sluice(alpha, SUBSPACES, **given, name=name)
    own, other = _pair(alpha)
    return NDDR(own, other, normalization, **given, name=name)


def channel_multiple(settings: Mapping[str, Any]) -> int:
    """Return the number by which a stage's channels must divide."""
    return SUBSPACES if settings.get("unit") == "sluice" else 1


def _pair(alpha: Any) -> tuple[float, float]:
    """Return (own, other)."""
    if (
        not is_sequence(alpha)
        or len(alpha) != 2
        or not all(map(is_number, alpha))
    ):
        raise InputError(
            "Expected model.stitch.alpha as [own, other] with "
            f"model.stitch.unit = 'nddr'. Received: {alpha!r}."
        )
    return alpha[0], alpha[1]
