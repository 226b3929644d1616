"""Check a caller's boxes and the results of a caller's detector."""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from typing import Any

from facemtl.detection.found import Boxes, Found
from facemtl.errors import InputError
from facemtl.words import plural


def checked_boxes(boxes: Any, n: int) -> list[Boxes | None]:
    """Check that there are boxes for each of n photos.

    Args:
        boxes: one entry per photo; None to detect the faces of all photos.
        n: the number of photos.

    Returns:
        Unchecked boxes (N, 4) for each photo; None to detect its faces.

    Raises:
        InputError: for another number of entries, or an unordered collection.

    Example:

    >>> checked_boxes(None, 2)
    [None, None]
    """
    if boxes is None:
        return [None] * n
    expected = f"boxes for each of {n} {plural(n, 'photo')}, as a list"
    unordered = isinstance(boxes, str | bytes | Mapping | AbstractSet)
    if unordered or not isinstance(boxes, Iterable):
        raise InputError(
            f"Expected {expected}. Received: {type(boxes).__name__}."
        )
    given = list(boxes)
    if len(given) != n:
        raise InputError(
            f"Expected {expected}, None where faces are to be detected. "
            f"Received: {len(given)}."
        )
    return given


def checked_found(found: Any) -> Found:
    """Return a detector's result; raise `InputError` unless it is `Found`."""
    if not isinstance(found, Found):
        raise InputError(
            "Expected a detector that gives facemtl.detection.found.Found. "
            f"Received: {type(found).__name__}."
        )
    return found


@contextmanager
def numbered(i: int, n: int) -> Iterator[None]:
    """Prefix errors with the number of the photo, `i` of `n` from 1."""
    try:
        yield
    except InputError as error:
        where = f"Photo {i} of {n}: " if n > 1 else ""
        raise InputError(f"{where}{error}") from None
