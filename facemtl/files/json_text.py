"""JSON that others wrote: what would be read silently in another way fails."""

import json
import math
from typing import Any

from facemtl.files.toml_file import check_depth


def strict_json(data: str | bytes, finite: bool = True) -> Any:
    """What a JSON holds.

    Args:
        data: its text.
        finite: whether NaN and infinite numbers, which Python writes, fail;
            otherwise they are the caller's to check.

    Raises:
        ValueError: for no JSON, NaN or an infinite number, a key that a table
            has twice, or what is nested too deep.

    Example:

    >>> strict_json('{"a": 1, "a": 2}')
    Traceback (most recent call last):
        ...
    ValueError: 'a' is there twice
    """
    try:
        content = json.loads(
            data,
            parse_constant=_no_number if finite else float,
            parse_float=_finite if finite else float,
            object_pairs_hook=_each_once,
        )
    except RecursionError:
        raise ValueError("nested too deep") from None
    check_depth(content)
    return content


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is no number of JSON")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):  # as of 1e400
        raise ValueError(f"{text[:20]} is too large a number")
    return number


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"{twice!r} is there twice")
    return table
