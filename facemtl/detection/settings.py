"""Check the detector's settings, without importing OpenCV."""

from typing import Any

from facemtl.arguments import checked_count, checked_number
from facemtl.errors import InputError

SCORE, LONGEST = 0.6, 1024
# YuNet returns faces of infinite size for photos of 32 pixels or less a side,
# and takes 6 GB for 8192 x 8192 pixels.
LEAST, MOST = 33, 8192


def checked_score(value: Any, name: str = "score") -> float:
    """Check the lowest score that a face may have.

    Raises:
        InputError: for anything but a number from 0 to 1.

    Example:

    >>> checked_score(60)
    Traceback (most recent call last):
        ...
    facemtl.errors.InputError: Expected score from 0 to 1. Received: 60.
    """
    return checked_number(f"{name} from 0 to 1", value, lambda x: 0 <= x <= 1)


def checked_longest(value: Any, name: str = "longest") -> int:
    """Check the longest side, in pixels, at which photos are searched.

    Raises:
        InputError: for anything but an integer from 33 to 8192.

    Example:

    >>> checked_longest(20_000)
    Traceback (most recent call last):
        ...
    facemtl.errors.InputError: Expected longest of at most 8192 pixels, ...
    """
    size = checked_count(name, value, LEAST)
    if size > MOST:
        raise InputError(
            f"Expected {name} of at most {MOST} pixels, which take 6 GB of "
            f"memory. Received: {value!r}."
        )
    return size
