"""Results may be published: they hold no folder of the machine."""

import re
from typing import Any


def without_folders(value: Any) -> Any:
    """Settings whose texts hold only the last names of absolute paths.

    Args:
        value: a text, or lists and dictionaries with texts in them; all else
            stays as it is.

    Example:

    >>> without_folders({"data.tasks": "/home/ada/tasks.toml", "epochs": 3})
    {'data.tasks': 'tasks.toml', 'epochs': 3}
    """
    if isinstance(value, dict):
        return {key: without_folders(part) for key, part in value.items()}
    if isinstance(value, list):
        return [without_folders(part) for part in value]
    if isinstance(value, str):
        folders = r"(?<![\w.])(~?/|[A-Za-z]:\\)[^\s'\"]*[/\\]"
        return re.sub(folders, "", value)
    return value
