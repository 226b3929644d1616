"""Describe a space and its default point for reports and tuners."""

from typing import Any

from facemtl.dotted_names import flat
from facemtl.tuning.hyperparameter import Hyperparameter, plain
from facemtl.tuning.space import Space


def describe_space(space: Space) -> list[dict[str, Any]]:
    """Describe each name of a tuner with its range and condition.

    Returns:
        Dictionaries of `name`, `kind` ("choice", "flag", "number" or "whole"),
        `choices`, `low`, `high`, `log`, `when` {name: values}.
    """
    return [
        {
            "name": name,
            "kind": _kind(one),
            "choices": [plain(value) for value in one.choice],
            "low": one.low,
            "high": one.high,
            "log": one.log,
            "when": dict(one.when),
        }
        for one in space.hyperparameters
        for name in one.names
    ]


def _kind(one: Hyperparameter) -> str:
    if one.is_flag:
        return "flag"
    if one.choice:
        return "choice"
    whole = isinstance(one.low, int) and isinstance(one.high, int)
    return "whole" if whole else "number"


def default_values(space: Space) -> dict[str, Any]:
    """Return the point of the untuned settings.

    A name without a setting, used only in conditions, has no default value.
    """
    settings = flat(space.untuned())
    values: dict[str, Any] = {}
    for one in space.hyperparameters:
        if one.scales:
            values[one.name] = 1.0
        elif one.subset:
            on = settings[one.key]
            for place, name in zip(one.subset, one.names, strict=True):
                values[name] = on == "all" or place in on
        elif one.key.startswith("weighting.lambdas."):
            values[one.name] = settings.get(one.key, 1.0)
        elif one.key:
            value = settings[one.key]
            values[one.name] = value[0] if one.complement else plain(value)
    return values


def start_values(space: Space) -> dict[str, Any]:
    """Return the untuned default as the first point to try.

    The result is empty if a setting is outside its range.
    """
    values = {x.name: x.choice[0] for x in space.hyperparameters if x.choice}
    values |= default_values(space)
    values = space.active(values)
    inside = all(
        one.contains(values[name])
        for one in space.hyperparameters
        for name in one.names
        if name in values
    )
    return values if inside else {}
