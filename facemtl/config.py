"""The configuration: a dictionary of all settings of a run.

The command line, presets, studies and searches produce it. Its keys, types and
defaults are those of `presets/default.toml`.
"""

import copy
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from facemtl.dotted_names import flat, parse_setting
from facemtl.errors import InputError
from facemtl.files.toml_file import load_toml
from facemtl.files.writing import write_whole
from facemtl.setting_checks import check_finite, check_ranges
from facemtl.settings import TYPES, Settings, settings_of

Config = dict[str, Any]
PRESETS = Path(__file__).parent / "presets"


def default_config() -> Config:
    """Return a new dictionary of all settings with their defaults.

    Example:

    >>> default_config()["data"]["size"]
    40
    """
    return read_toml(PRESETS / "default.toml")


def preset_names() -> list[str]:
    """Return the names of configurations for `--model`.

    Example:

    >>> preset_names()[:3]
    ['base', 'cross_stitch', 'cross_stitch_regularized']
    """
    return sorted(
        file.stem for file in PRESETS.glob("*.toml") if file.stem != "default"
    )


def load_config(
    preset: str = "",
    file: str | Path = "",
    settings: Iterable[str] = (),
) -> Config:
    """Load a configuration: defaults, preset, TOML file, single settings.

    Args:
        preset: the name of a configuration, one of `preset_names()`.
        file: a TOML file with some keys of `presets/default.toml`.
        settings: `"key=value"` with a dotted key, such as `"train.epochs=5"`;
            values as in TOML, where quotes of a string are optional.

    Returns:
        The complete configuration.

    Raises:
        InputError: for an unknown preset or key, a value of another type, or a
            number outside its limits.

    Example:

    >>> load_config("single", settings=["train.epochs=5"])["train"]["epochs"]
    5
    """
    config = default_config()
    if preset:
        if preset not in preset_names():
            raise InputError(
                f"Expected a model in {preset_names()}. Received: {preset!r}."
            )
        update(config, read_toml(PRESETS / f"{preset}.toml"), preset)
    return changed_config(config, file, settings)


def changed_config(
    config: Config, file: str | Path, settings: Iterable[str]
) -> Config:
    """Apply a TOML file and single settings to a configuration, in place.

    Raises:
        InputError: as `load_config`.
    """
    if isinstance(settings, str | bytes | Mapping) or not isinstance(
        settings, Iterable
    ):
        raise InputError(
            "Expected settings as a list such as ['train.epochs=5']. "
            f"Received: {settings!r}."
        )
    if file:
        update(config, read_toml(file), str(file))
    for setting in settings:
        update(config, parse_setting(setting), "--set")
    check_ranges(config)
    return config


def load_settings(
    preset: str = "",
    file: str | Path = "",
    settings: Iterable[str] = (),
) -> Settings:
    """Load a configuration as `load_config` does; return typed settings.

    Example:

    >>> load_settings("single", settings=["train.epochs=5"]).train.epochs
    5
    """
    return settings_of(load_config(preset, file, settings))


def check_whole(config: Any) -> None:
    """Raise `InputError` unless a configuration has every setting.

    Example:

    >>> check_whole({"train": {"epochs": 5}})
    Traceback (most recent call last):
        ...
    facemtl.errors.InputError: Expected a configuration as load_config makes ...
    """
    known = flat(default_config())
    missing = None
    if isinstance(config, Mapping):
        # Free tables, such as the λ of tasks, have keys of the user.
        missing = {name for name in known if not _has(config, name)}
    if missing is None or missing:
        received = (
            f"one without {', '.join(sorted(missing)[:3])}"
            f"{', …' if len(missing) > 3 else ''}"
            if missing
            else repr(config)[:80]
        )
        raise InputError(
            "Expected a configuration as load_config makes it. Received: "
            f"{received}."
        )
    update(default_config(), config, "the configuration")
    check_ranges(config)


def _has(config: Any, name: str) -> bool:
    for key in name.split("."):
        if not isinstance(config, Mapping) or key not in config:
            return False
        config = config[key]
    return True


def update(config: Config, changes: Mapping[str, Any], source: str) -> None:
    """Apply changes to a configuration in place, and check each of them.

    Args:
        config: a complete configuration.
        changes: nested settings; any subset of the keys.
        source: the source of the changes, for the message.

    Raises:
        InputError: for an unknown key or a value of another type.
    """
    _update(config, default_config(), changes, source, "")


def _update(
    config: Config,
    defaults: Config,
    changes: Mapping[str, Any],
    source: str,
    prefix: str,
) -> None:
    for key, value in changes.items():
        name = f"{prefix}{key}"
        if key not in defaults:
            raise InputError(
                f"{source}: unknown setting '{name}'. "
                f"Expected one of {sorted(defaults)}."
            )
        default = defaults[key]
        tables = isinstance(default, dict) and isinstance(value, Mapping)
        if tables and default:
            _update(config[key], default, value, source, f"{name}.")
        elif tables:  # with free keys, such as the λ of tasks
            _check_numbers(value, f"{source}: '{name}.")
            # An empty table clears earlier values.
            config[key] = {**config[key], **value} if value else {}
        elif TYPES.get(name) == float | str and value != default:
            _check_numbers({key: value}, f"{source}: '{prefix}", default)
            config[key] = float(value)
        else:
            config[key] = _typed(value, default, f"{source}: '{name}'", name)


def _check_numbers(
    table: Mapping[str, Any], where: str, word: str = ""
) -> None:
    """Raise `InputError` unless all values are numbers; suggest `word` too."""
    for key, value in table.items():
        if type(value) not in (int, float):
            expected = f"{word!r} or a number" if word else "a number"
            raise InputError(
                f"{where}{key}': expected {expected}. Received: {value!r}."
            )
        check_finite(value, f"{where}{key}'")


def _typed(value: Any, default: Any, where: str, name: str) -> Any:
    """Return a copy of a value that has its setting's type, else raise."""
    check_finite(value, where)
    if isinstance(default, float) and type(value) is int:
        return float(value)
    takes_list = TYPES.get(name) == str | list[str] and isinstance(value, list)
    if type(value) is not type(default) and not takes_list:
        raise InputError(
            f"{where}: expected a {type(default).__name__} such as "
            f"{default!r}. Received: {value!r}."
        )
    return copy.deepcopy(value)


def read_toml(path: str | Path) -> Config:
    """Read a TOML file as a dictionary.

    Raises:
        InputError: if it cannot be read.
    """
    return load_toml(path, "a TOML file")


def write_config(config: Config, path: str | Path) -> None:
    """Write a configuration to a TOML file, readable by `load_config`."""
    import tomli_w

    write_whole(tomli_w.dumps(config), path)
