"""Settings by their dotted names, such as `train.epochs`."""

import tomllib
from typing import Any

from facemtl.errors import InputError
from facemtl.files.toml_file import DEEPEST, check_depth


def parse_setting(setting: str) -> dict[str, Any]:
    """Parse `"train.epochs=5"` to `{"train": {"epochs": 5}}`.

    Raises:
        InputError: if the `=` or the key is missing.
    """
    if not isinstance(setting, str):
        raise InputError(f"Expected --set key=value. Received: {setting!r}.")
    key, equals, text = setting.partition("=")
    if not equals or not key.strip():
        raise InputError(f"Expected --set key=value. Received: {setting!r}.")
    if key.count(".") > DEEPEST:
        raise InputError(f"--set: unknown setting '{key[:80]}…'.")
    try:
        content = tomllib.loads(f"value = {text}")
        check_depth(content)
        # A line break in the text would begin another setting.
        value = content["value"] if len(content) == 1 else text.strip()
    except tomllib.TOMLDecodeError:
        value = text.strip()  # a string without its quotes
    # ValueError: an integer of 5,000 digits. RecursionError: deep lists.
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"Expected --set {key.strip()[:80]} with a value as in TOML. "
            f"Received: {error}."
        ) from None
    return nested(key.strip(), value)


def nested(key: str, value: Any) -> dict[str, Any]:
    """Convert a dotted key and its value to nested dictionaries.

    Example:

    >>> nested("train.epochs", 5)
    {'train': {'epochs': 5}}
    """
    for part in reversed(key.split(".")):
        value = {part: value}
    return value


def flat(config: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Convert nested dictionaries to one dictionary with dotted keys.

    Example:

    >>> flat({"train": {"epochs": 5}})
    {'train.epochs': 5}
    """
    settings: dict[str, Any] = {}
    for key, value in config.items():
        if isinstance(value, dict):
            settings |= flat(value, f"{prefix}{key}.")
        else:
            settings[prefix + key] = value
    return settings


def differences(
    first: dict[str, Any], second: dict[str, Any], prefix: str = ""
) -> list[str]:
    """Return the names of settings in which two configurations differ."""
    names = []
    for key in first:
        one, other = first[key], second[key]
        if isinstance(one, dict) and isinstance(other, dict) and one and other:
            names += differences(one, other, f"{prefix}{key}.")
        elif one != other:
            names.append(prefix + key)
    return names
