"""Read untrusted TOML files in limited time."""

import tomllib
from pathlib import Path
from typing import Any

from facemtl.arguments import checked_path
from facemtl.errors import InputError
from facemtl.files.reading import MOST_SETTINGS, read_limited

DEEPEST = 20  # nested tables and lists
# Python's reader takes quadratic time in the parts of a key such as a.b.c.
MOST_DOTS = 1000


def load_toml(path: str | Path, expected: str) -> dict[str, Any]:
    """Return the content of a TOML file.

    Args:
        path: the file, of at most 16 MB; or a pipe.
        expected: a description of the expected content, for the message.

    Raises:
        InputError: if it cannot be read, is invalid, or is nested too deep.
    """
    file = checked_path(expected, path)
    try:
        # Windows editors write a byte order mark.
        data = read_limited(file, MOST_SETTINGS, pipes=True)
        text = data.decode("utf-8-sig")
        for row, line in enumerate(text.split("\n"), 1):
            if line.count(".") > MOST_DOTS:
                raise ValueError(f"more than {MOST_DOTS:,} dots in line {row}")
        content = tomllib.loads(text)
        check_depth(content)
    # ValueError: invalid UTF-8, invalid TOML, integers of 5,000 digits.
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path}: expected {expected}: {error}.") from None
    return content


def check_depth(content: Any, deepest: int = DEEPEST) -> None:
    """Raise `ValueError` for tables and lists that are nested too deep.

    Example:

    >>> check_depth([[[5]]], deepest=2)
    Traceback (most recent call last):
        ...
    ValueError: tables or lists nested more than 2 deep
    """
    level = [content]
    for _ in range(deepest + 1):
        tables = [x.values() for x in level if isinstance(x, dict)]
        lists = [x for x in level if isinstance(x, list)]
        level = [item for items in (*tables, *lists) for item in items]
    if level:
        raise ValueError(f"tables or lists nested more than {deepest} deep")
