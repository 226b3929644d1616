"""Remove local folders from results, because results may be published."""

import re
from typing import Any


def without_folders(value: Any) -> Any:
    """Reduce absolute paths in settings to their last names.

    Args:
        value: a string, or nested lists and dictionaries of strings. Other
            values stay unchanged.

    Example:

    >>> without_folders({"data.tasks": "/home/ada/tasks.toml", "epochs": 3})
    {'data.tasks': 'tasks.toml', 'epochs': 3}
    >>> without_folders({"data.more./home/ada/more.csv": 0.5})
    {'data.more.more.csv': 0.5}
    """
    if isinstance(value, dict):
        return {_key(key): without_folders(part) for key, part in value.items()}
    if isinstance(value, list):
        return [without_folders(part) for part in value]
    if isinstance(value, str):
        folders = r"(?<![\w.])(~?/|[A-Za-z]:\\)[^\s'\"]*[/\\]"
        return re.sub(folders, "", value)
    return value


def _key(key: Any) -> Any:
    """Return the name of a setting without the folder of a further source."""
    more = "data.more."
    if not str(key).startswith(more):
        return key
    return more + without_folders(key.removeprefix(more))
