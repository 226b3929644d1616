"""The search space, which maps hyperparameters to configurations."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from facemtl.arguments import is_number
from facemtl.config import Config, load_config, read_toml, update
from facemtl.errors import InputError
from facemtl.setting_checks import check_ranges
from facemtl.tuning.hyperparameter import Hyperparameter

DEFAULT = Path(__file__).parent / "space.toml"
SECTIONS = {"settings", "search", "limits", "hyperparameters"}
LIMITS = ("parameters", "multiply_adds")


@dataclass(frozen=True)
class Space:
    """A search space.

    Args:
        settings: fixed settings that differ from the defaults.
        search: settings of the trials only, which make them cheap. The best
            trial is trained again without them.
        limits: maximum `parameters` and `multiply_adds` of a network.
        hyperparameters: each may depend on earlier ones only.
        where: the file, for messages.

    Example:

    >>> space = load_space()
    >>> space.config({"train.learning_rate": 0.01})["train"]["learning_rate"]
    0.01
    """

    settings: Config
    search: Config
    limits: Mapping[str, float]
    hyperparameters: tuple[Hyperparameter, ...]
    where: str

    def declare(self, hp: Any) -> None:
        """Add the space and conditions to a `keras_tuner.HyperParameters`."""
        for one in self.hyperparameters:
            _declare_when(hp, one, list(one.when.items()))

    def config(self, values: Mapping[str, Any], trial: bool = False) -> Config:
        """Return the complete configuration of a point.

        Args:
            values: {name: value}, as of a trial. Inactive names may be
                missing; unknown names are ignored.
            trial: whether to apply the settings of the trials.

        Raises:
            InputError: if a setting does not accept its value.
        """
        config = self.untuned()
        active = self.active(values)
        for one in self.hyperparameters:
            for changes in one.settings(active):
                update(config, changes, self.where)
        if trial:
            update(config, self.search, self.where)
        check_ranges(config)
        return config

    def untuned(self) -> Config:
        """Return the configuration without a search."""
        config = load_config()
        update(config, self.settings, self.where)
        return config

    def active(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return only the values that are active at this point."""
        active: dict[str, Any] = {}
        for one in self.hyperparameters:
            if all(active.get(k) in v for k, v in one.when.items()):
                active |= {k: values[k] for k in one.names if k in values}
        return active


def _declare_when(
    hp: Any, one: Hyperparameter, conditions: list[tuple[str, list[Any]]]
) -> None:
    if not conditions:
        one.declare(hp)
        return
    (name, values), *rest = conditions
    with hp.conditional_scope(name, values):
        _declare_when(hp, one, rest)


def load_space(path: str | Path = "") -> Space:
    """Read a space from a TOML file, or the default space.

    Raises:
        InputError: if a setting is unknown, a range is empty, a condition does
            not refer to an earlier choice, or there is no hyperparameter.
    """
    file = Path(path) if path else DEFAULT
    content = read_toml(file)
    entries = content.get("hyperparameters")
    if set(content) - SECTIONS or not isinstance(entries, list) or not entries:
        raise InputError(
            f"{file}: expected [[hyperparameters]], and maybe [settings], "
            f"[search] and [limits]. Received: {sorted(content) or 'nothing'}."
        )
    ones = tuple(Hyperparameter.from_dict(x, str(file)) for x in entries)
    _check_conditions(ones, str(file))
    settings, search, limits = (
        content.get(key, {}) for key in ("settings", "search", "limits")
    )
    for key in ("settings", "search", "limits"):
        if not isinstance(content.get(key, {}), dict):
            raise InputError(
                f"{file}: expected [{key}] as a table. "
                f"Received: {content[key]!r}."
            )
    _check_limits(limits, str(file))
    space = Space(settings, search, limits, ones, str(file))
    # Report unknown settings now, not in a trial.
    space.config({}, trial=True)
    return space


def _check_limits(limits: Mapping[str, Any], where: str) -> None:
    for key, value in limits.items():
        if key not in LIMITS or not is_number(value):
            raise InputError(
                f"{where}: expected [limits] with numbers of {LIMITS}. "
                f"Received: {key} = {value!r}."
            )


def _check_conditions(ones: tuple[Hyperparameter, ...], where: str) -> None:
    above: dict[str, Hyperparameter] = {}
    for one in ones:
        if set(one.names) & set(above):
            raise InputError(f"{where}: '{one.name}' is there twice.")
        for name, values in one.when.items():
            choices = above[name].choice if name in above else ()
            if not values or not all(value in choices for value in values):
                raise InputError(
                    f"{where}: '{one.name}': expected a condition on a choice "
                    f"above it. Received: {name} in {values}."
                )
        above |= dict.fromkeys(one.names, one)
