"""Values of hyperparameters: as text, and as places on an axis."""

import ast
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from facemtl.tuning.report.trials import Search, Trial

NOT_USED = "not used"  # where a condition makes a value count for nothing


def text(value: Any) -> str:
    """A value as people read it.

    Example:

    >>> text(True), text(0.0031416), text("['conv1', 'conv2']"), text([])
    ('true', '0.003142', 'conv1, conv2', 'none')
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return f"{value:.4g}"
    parts = _parts(value)
    if parts is None:
        return str(value)
    return ", ".join(map(text, parts)) or "none"


def _parts(value: Any) -> Sequence[Any] | None:
    """What is in a list, or in the text of one."""
    if isinstance(value, str) and value.startswith("["):
        try:
            value = ast.literal_eval(value)
        except (SyntaxError, ValueError):
            return None
    return value if isinstance(value, list | tuple) else None


def in_words(settings: Mapping[str, Any]) -> str:
    """Settings or values as `name = value`, with commas.

    Example:

    >>> in_words({"model.width": 1.25, "stitched": True})
    'model.width = 1.25, stitched = true'
    """
    return ", ".join(f"{key} = {text(x)}" for key, x in settings.items())


def labels(names: Iterable[str]) -> dict[str, str]:
    """Short names for charts: the last two parts, where that tells them apart.

    Example:

    >>> labels(["model.stitch.alpha", "stitched"])
    {'model.stitch.alpha': 'stitch.alpha', 'stitched': 'stitched'}
    """
    names = list(names)
    short = {name: ".".join(name.split(".")[-2:]) for name in names}
    used = list(short.values())
    return {k: v if used.count(v) == 1 else k for k, v in short.items()}


@dataclass(frozen=True)
class Scale:
    """The axis of one hyperparameter, from 0 to 1.

    Args:
        name: of the hyperparameter.
        label: the same for charts.
        choices: texts of its values; empty for a number.
        low, high: bounds of a number.
        log: whether the axis is logarithmic.
        whole: whether it is a whole number.
    """

    name: str
    label: str
    choices: tuple[str, ...] = ()
    low: float = 0.0
    high: float = 1.0
    log: bool = False
    whole: bool = False

    def place(self, values: Mapping[str, Any]) -> float | None:
        """Where a trial's value stands; None where it does not count."""
        value = values.get(self.name)
        if value is None:
            return None
        if self.choices:
            last = len(self.choices) - 1
            return self.choices.index(text(value)) / last if last else 0.5
        if self.log and value <= 0:
            return 0.0
        low, high, value = map(self._form, (self.low, self.high, value))
        if low == high:
            return 0.5
        return min(max((value - low) / (high - low), 0.0), 1.0)

    def ticks(self) -> list[tuple[float, str]]:
        """Places with their texts: all choices, or the ends and the middle."""
        if self.choices:
            last = max(len(self.choices) - 1, 1)
            alone = 0.5 if len(self.choices) == 1 else 0.0
            return [(alone + i / last, x) for i, x in enumerate(self.choices)]
        middle = (self.low + self.high) / 2
        if self.log:
            middle = math.sqrt(self.low * self.high)
        ends = (self.low, round(middle) if self.whole else middle, self.high)
        places = (self.place({self.name: value}) for value in ends)
        words = (text(x) if self.whole else f"{x:.3g}" for x in ends)
        found = dict(zip(words, places, strict=True))
        return [(place or 0.0, label) for label, place in found.items()]

    def _form(self, value: float) -> float:
        return math.log(value) if self.log else float(value)

    def words(self) -> str:
        """What was searched, for a table."""
        if self.choices:
            return "; ".join(self.choices)
        ends = f"{text(self.low)} … {text(self.high)}"
        return f"{ends}, log" if self.log else ends


def scales(search: Search, trials: Sequence[Trial]) -> list[Scale]:
    """The axes of all hyperparameters, in the order of the space.

    Args:
        search: the search.
        trials: choices that only they have come last.
    """
    short = labels(one["name"] for one in search["space"])
    return [_scale(one, short[one["name"]], trials) for one in search["space"]]


def _scale(
    one: Mapping[str, Any], label: str, trials: Sequence[Trial]
) -> Scale:
    name = one["name"]
    if one["kind"] in ("number", "whole"):
        whole, log = one["kind"] == "whole", bool(one.get("log"))
        return Scale(name, label, (), one["low"], one["high"], log, whole)
    seen = (t["values"][name] for t in trials if name in t["values"])
    known = one.get("choices", [])
    if one["kind"] == "flag":
        known = [False, True]  # in all charts alike
    return Scale(name, label, tuple(dict.fromkeys(map(text, [*known, *seen]))))
