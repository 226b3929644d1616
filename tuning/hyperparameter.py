"""A hyperparameter of a search: its range and its setting."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from facemtl.config import Config, default_config
from facemtl.dotted_names import flat, nested
from facemtl.errors import InputError
from facemtl.setting_checks import check_finite

RANGES = ("choice", "subset", "low")
NUMBER = (int, float)
# The keys of a table, with their types.
KEYS: dict[str, tuple[type, ...]] = {
    "name": (str,),
    "key": (str,),
    "choice": (list,),
    "subset": (list,),
    "low": NUMBER,
    "high": NUMBER,
    "step": (int,),
    "log": (bool,),
    "complement": (bool,),
    "scales": (list,),
    "when": (dict,),
    "otherwise": (str, int, float, bool, list, dict),
}
TEXTS = ("subset", "scales")  # keys of lists of strings


@dataclass(frozen=True)
class Hyperparameter:
    """A range of one setting.

    Args:
        name: name in the search; default: the name of the setting.
        key: the setting, such as `"train.learning_rate"`; "" for a name that is
            used only in conditions.
        choice: values to choose from.
        subset: items that are each on or off.
        low, high: bounds of a number, an integer if both are.
        step: step of an integer.
        log: whether to search on a logarithmic scale.
        complement: whether the value `v` becomes `[v, 1 - v]`, as for α.
        scales: settings whose defaults it multiplies.
        when: {name: values} of an earlier choice; the hyperparameter is active
            only for these values.
        otherwise: value of the setting while it is inactive.

    Raises:
        InputError: if the range is empty or malformed.
    """

    name: str
    key: str = ""
    choice: tuple[Any, ...] = ()
    subset: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    step: int | None = None
    log: bool = False
    complement: bool = False
    scales: tuple[str, ...] = ()
    when: Mapping[str, list[Any]] = field(default_factory=dict)
    otherwise: Any = None

    @classmethod
    def from_dict(
        cls, entry: Mapping[str, Any], where: str
    ) -> "Hyperparameter":
        """Read a `[[hyperparameters]]` table; `where` names the file."""
        unknown = not isinstance(entry, Mapping) or set(entry) - set(KEYS)
        name = "" if unknown else entry.get("name") or entry.get("key")
        if not name:
            raise InputError(
                f"{where}: expected a hyperparameter with a key or name and "
                f"others of {sorted(KEYS)}. Received: {entry!r}."
            )
        for key, value in entry.items():
            _check_kind(key, value, f"{where}: '{name}'")
        lists = ("choice", "subset", "scales")
        values: dict[str, Any] = {
            k: tuple(v) if k in lists else v for k, v in entry.items()
        }
        made = cls(**{**values, "name": name})
        made._check(f"{where}: '{name}'")
        return made

    def _check(self, where: str) -> None:
        given = [k for k in RANGES if getattr(self, k) not in ((), None)]
        if len(given) != 1:
            raise InputError(
                f"{where}: expected one of choice, subset, or low and high, "
                f"not empty. Received: {given or 'none'}."
            )
        if given == ["low"] and not self._is_range():
            raise InputError(
                f"{where}: expected low < high, and low > 0 where log = true. "
                f"Received: low = {self.low}, high = {self.high}."
            )
        known = flat(default_config())
        free = ("weighting.lambdas.", "data.labelled.")
        for key in (*filter(None, [self.key]), *self.scales):
            if key not in known and not key.startswith(free):
                raise InputError(
                    f"{where}: expected a setting of presets/default.toml. "
                    f"Received: '{key}'."
                )

    def _is_range(self) -> bool:
        if self.low is None or self.high is None or not self.low < self.high:
            return False
        return self.low > 0 or not self.log

    @property
    def names(self) -> list[str]:
        """Return the names for the tuner: one, or one per item of a subset."""
        if self.subset:
            return [f"{self.name}.{place}" for place in self.subset]
        return [self.name]

    @property
    def is_flag(self) -> bool:
        """Whether each of its names is on or off."""
        values = set(map(type, self.choice))
        return bool(self.subset) or (values == {bool} and len(self.choice) > 1)

    def contains(self, value: Any) -> bool:
        """Whether the range contains a value."""
        if self.is_flag:
            return isinstance(value, bool)
        if self.choice:
            return value in [plain(x) for x in self.choice]
        assert self.low is not None and self.high is not None
        return self.low <= value <= self.high

    def declare(self, hp: Any) -> None:
        """Add the range to a `keras_tuner.HyperParameters`."""
        if self.subset:
            for name in self.names:
                hp.Boolean(name, default=True)
        elif self.is_flag:
            hp.Boolean(self.name, default=self.choice[0])
        elif self.choice:
            # KerasTuner's choices are numbers and strings; use text for others.
            hp.Choice(self.name, [plain(value) for value in self.choice])
        elif isinstance(self.low, int) and isinstance(self.high, int):
            sampling = {"sampling": "log"} if self.log else {}
            step = {} if self.log else {"step": self.step or 1}
            hp.Int(self.name, self.low, self.high, **step, **sampling)
        else:
            sampling = "log" if self.log else "linear"
            hp.Float(self.name, self.low, self.high, sampling=sampling)

    def settings(self, values: Mapping[str, Any]) -> list[Config]:
        """Convert the tuner's values to nested settings; empty without a key.

        Args:
            values: {name: value} of the active hyperparameters.
        """
        if not set(self.names) <= set(values):
            if self.key and self.otherwise is not None:
                return [nested(self.key, self.otherwise)]
            return []
        value = self._value(values)
        if self.scales:
            defaults = flat(default_config())
            return [nested(k, defaults[k] * value) for k in self.scales]
        return [nested(self.key, value)] if self.key else []

    def _value(self, values: Mapping[str, Any]) -> Any:
        if self.subset:
            places = zip(self.subset, self.names, strict=True)
            return [place for place, name in places if values[name]]
        value = values[self.name]
        if self.choice:
            return next(x for x in self.choice if plain(x) == value)
        return [value, round(1 - value, 12)] if self.complement else value


def _check_kind(key: str, value: Any, where: str) -> None:
    """Raise `InputError` for a value of a wrong type or a non-finite number."""
    fits = type(value) in KEYS[key]
    if fits and key in TEXTS:
        fits = all(isinstance(item, str) for item in value)
    if fits and key == "when":
        fits = all(isinstance(values, list) for values in value.values())
    if fits and key == "step":
        fits = value > 0
    if not fits:
        kinds = " or ".join(kind.__name__ for kind in KEYS[key])
        of = " of texts" if key in TEXTS else " over 0" if key == "step" else ""
        of = " of lists" if key == "when" else of
        raise InputError(
            f"{where}: expected {key} as {kinds}{of}. Received: {value!r}."
        )
    check_finite(value, f"{where}: '{key}'")


def plain(value: Any) -> Any:
    """Return a choice in KerasTuner's types: lists become text."""
    return value if isinstance(value, str | int | float) else str(value)
