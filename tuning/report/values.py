"""Values of hyperparameters as text and as positions on an axis."""

import ast
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from facemtl.tuning.report.trials import Search, Trial

NOT_USED = "not used"  # a value that a condition switches off


def text(value: Any) -> str:
    """Format a value for people.

    Example:

    >>> text(True), text(0.0031416), text("['conv1', 'conv2']"), text([])
    ('true', '0.003142', 'conv1, conv2', 'none')
    """
    if isinstance(value, str) and value.startswith("["):
        try:
            value = ast.literal_eval(value)
        except (SyntaxError, ValueError):
            return str(value)
    if isinstance(value, list | tuple):
        return ", ".join(map(text, value)) or "none"
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def in_words(settings: Mapping[str, Any]) -> str:
    """Format settings or values as `name = value`, with commas.

    Example:

    >>> in_words({"model.width": 1.25, "stitched": True})
    'model.width = 1.25, stitched = true'
    """
    return ", ".join(f"{key} = {text(x)}" for key, x in settings.items())


def labels(names: Iterable[str]) -> dict[str, str]:
    """Return short names for charts: the last two parts, if unique.

    Example:

    >>> labels(["model.stitch.alpha", "stitched"])
    {'model.stitch.alpha': 'stitch.alpha', 'stitched': 'stitched'}
    """
    names = list(names)
    short = {name: ".".join(name.split(".")[-2:]) for name in names}
    used = list(short.values())
    return {k: v if used.count(v) == 1 else k for k, v in short.items()}


def is_number(one: Mapping[str, Any]) -> bool:
    """Whether an entry of a search's `space` is a range of numbers."""
    return one["kind"] in ("number", "whole")


def range_of(one: Mapping[str, Any]) -> str:
    """Format the range of an entry of `space`.

    Example:

    >>> range_of({"kind": "number", "low": 0.1, "high": 2.0, "log": True})
    '0.1 … 2, log'
    """
    if is_number(one):
        ends = f"{one['low']:.4g} … {one['high']:.4g}"
        return ends + ", log" * bool(one.get("log"))
    return " | ".join(map(text, one.get("choices") or (False, True)))


def places(search: Search, trials: Sequence[Trial]) -> np.ndarray:
    """Return (N, H): the values of each trial, scaled to 0 to 1.

    A hyperparameter that is not used is NaN.
    """
    columns = [
        [_place(one, trial) for trial in trials] for one in search["space"]
    ]
    return np.array(columns, float).T


def _place(one: Mapping[str, Any], trial: Trial) -> float:
    value = trial["values"].get(one["name"])
    if value is None:
        return math.nan
    if not is_number(one):
        known = [text(x) for x in one.get("choices") or (False, True)]
        # A choice that only a trial contains comes last.
        at = known.index(text(value)) if text(value) in known else len(known)
        return at / max(len(known) - 1, 1)
    ends = np.array([one["low"], one["high"], value], float)
    low, high, at = np.log(np.maximum(ends, 1e-12)) if one.get("log") else ends
    return (
        float(np.clip((at - low) / (high - low), 0, 1)) if high > low else 0.5
    )
