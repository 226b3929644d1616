"""Read JSON strictly: fail where Python's reader accepts invalid JSON."""

import json
import math
from typing import Any

from facemtl.files.toml_file import check_depth


def strict_json(data: str | bytes, finite: bool = True) -> Any:
    """Return the content of a JSON text.

    Args:
        data: the text.
        finite: whether to raise for NaN and infinite numbers, which Python
            writes; otherwise the caller checks them.

    Raises:
        ValueError: for invalid JSON, NaN or an infinite number, a duplicate
            key, or content that is nested too deep.

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
    if math.isinf(number):  # such as 1e400
        raise ValueError(f"{text[:20]} is too large a number")
    return number


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"{twice!r} is there twice")
    return table
