"""Check constructor arguments, so that invalid ones fail early in one line.

All checks raise `InputError`, a `ValueError`, and return plain Python values,
which a configuration can store.
"""

import math
import os
import re
import sys
from argparse import ArgumentTypeError
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import numpy as np

from facemtl.errors import InputError
from facemtl.words import one_line

LARGEST = int(sys.float_info.max)


def is_number(value: Any) -> bool:
    """Return whether a value is one finite number; True and False are not.

    Example:

    >>> [is_number(x) for x in (0.5, 3, True, "3", float("nan"), [3])]
    [True, True, False, False, False, False]
    """
    kinds = (int, float, np.integer, np.floating)
    return (
        isinstance(value, kinds)
        and not isinstance(value, bool)
        # An int may be too large for a float.
        and (not isinstance(value, int) or abs(value) <= LARGEST)
        and math.isfinite(value)
    )


def whole_number(text: str) -> int:
    """Parse an integer for `argparse`.

    Unlike Python's `int`, refuses `1_0` and digits of other scripts.

    Raises:
        ArgumentTypeError: for other text; `argparse` prints it in one line.

    Example:

    >>> whole_number("-3")
    -3
    """
    if not re.fullmatch("[+-]?[0-9]{1,18}", text):
        raise ArgumentTypeError(
            "expected a whole number of at most 18 digits. "
            f"Received: {one_line(text)!r}."
        )
    return int(text)


def real_number(text: str) -> float:
    """Parse a number for `argparse`; NaN and infinity are allowed.

    Example:

    >>> real_number("1e-3")
    0.001
    """
    try:
        if text.isascii() and "_" not in text:
            return float(text)
    except ValueError:
        pass
    raise ArgumentTypeError(f"expected a number. Received: {one_line(text)!r}.")


def finite_number(text: str) -> float:
    """Parse a finite number for `argparse`."""
    value = real_number(text)
    if not math.isfinite(value):
        raise ArgumentTypeError(f"expected a finite number. Received: {text}.")
    return value


def checked_number(
    expected: str, value: Any, fits: Callable[[float], bool]
) -> float:
    """Return a finite number within a range as a float.

    Args:
        expected: the argument and its range, for the message.
        value: the argument's value.
        fits: returns whether a number is in the range.

    Raises:
        InputError: for anything else.

    Example:

    >>> checked_number("scale > 0", -1, lambda x: x > 0)
    Traceback (most recent call last):
        ...
    facemtl.errors.InputError: Expected scale > 0. Received: -1.
    """
    if not is_number(value) or not fits(value):
        raise InputError(f"Expected {expected}. Received: {value!r}.")
    return float(value)


def is_count(value: Any, least: int = 1) -> bool:
    """Return whether a value is an integer >= `least`; True is not."""
    whole = isinstance(value, (int, np.integer))
    return whole and not isinstance(value, bool) and value >= least


def checked_count(name: str, value: Any, least: int = 1) -> int:
    """Return an integer >= `least`.

    Raises:
        InputError: for anything else.

    Example:

    >>> checked_count("filters", 2.5)
    Traceback (most recent call last):
        ...
    facemtl.errors.InputError: Expected filters as an integer >= 1. ...
    """
    if not is_count(value, least):
        raise InputError(
            f"Expected {name} as an integer >= {least}. Received: {value!r}."
        )
    return int(value)


def checked_flag(name: str, value: Any) -> bool:
    """Return True or False; values that are merely truthy are refused.

    Raises:
        InputError: for anything else.

    Example:

    >>> checked_flag("use_bias", 1)
    Traceback (most recent call last):
        ...
    facemtl.errors.InputError: Expected use_bias as True or False. Received: 1.
    """
    if not isinstance(value, bool):
        raise InputError(
            f"Expected {name} as True or False. Received: {value!r}."
        )
    return value


def checked_choice(name: str, value: Any, choices: Collection[str]) -> str:
    """Return one of the given words.

    Raises:
        InputError: for anything else.

    Example:

    >>> checked_choice("a form", "l3", ("l2", "exp"))
    Traceback (most recent call last):
        ...
    facemtl.errors.InputError: Expected a form in ('l2', 'exp'). ...
    """
    if not isinstance(value, str) or value not in choices:
        raise InputError(f"Expected {name} in {choices}. Received: {value!r}.")
    return value


def checked_path(expected: str, value: Any) -> Path:
    """Return a path; expand a leading `~` unless a file has that name.

    Args:
        expected: a description of the file, for the message.
        value: a string or a `Path`.

    Raises:
        InputError: for another type, an empty string, or a NUL character.

    Example:

    >>> checked_path("a CSV", None)
    Traceback (most recent call last):
        ...
    facemtl.errors.InputError: Expected a CSV as a path. Received: None.
    """
    text = os.fspath(value) if isinstance(value, os.PathLike) else value
    if not isinstance(text, str) or not text or "\0" in text:
        raise InputError(f"Expected {expected} as a path. Received: {value!r}.")
    path = Path(text)
    if not text.startswith("~") or os.path.lexists(path):
        return path
    try:
        return path.expanduser()
    except RuntimeError:  # No such user, or a user without a home.
        return path
