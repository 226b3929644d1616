"""How large a photo is, by its header, before it is decoded."""

import math
import threading

from facemtl.export.apps.batch.reading import check_size, size_of
from facemtl.export.apps.server.limits import MILLION, Refused

# `size_of` sets Pillow's own limit aside for a moment, for all threads.
_ONE = threading.Lock()


def pixels_of(photo: bytes, megapixels: float) -> int:
    """Pixels of a photo.

    Args:
        photo: the bytes of its file.
        megapixels: the most it may have.

    Raises:
        InputError: for what is none; `Refused`, 413, for a larger one.

    Example:

    >>> pixels_of(b"P6 40000 30000 255 ", 100)
    Traceback (most recent call last):
        ...
    facemtl...Refused: Expected at most 100 megapixels. Received: ...
    """
    with _ONE:
        check_size(photo, math.inf)
        width, height = size_of(photo)
    if width * height > megapixels * MILLION:
        raise Refused(
            413,
            f"Expected at most {megapixels:g} megapixels. "
            f"Received: {width:,} x {height:,} pixels.",
        )
    return width * height
