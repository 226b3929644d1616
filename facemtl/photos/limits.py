"""Limit the pixels (read from the header) and the file size of a photo."""

import os

from facemtl.errors import InputError
from facemtl.photos.avif import is_avif
from facemtl.photos.size import is_jpeg_2000, stored_size

MILLION = 1_000_000
# Phones make photos of 200 megapixels. A malicious JPEG of some kilobytes can
# have 4,000 megapixels and fill the memory.
MEGAPIXELS = 200.0
VARIABLE = "FACEMTL_MEGAPIXELS"
RAISE = f" (the environment variable {VARIABLE} sets the most)"
BYTES_A_PIXEL = 8  # of the largest file: uncompressed RGBA of 16 bits
# Decoders of AVIF and JPEG 2000 take twice the memory of the others.
LARGE = 2


def megapixels_allowed() -> float:
    """Return the largest number of megapixels: 200, or `VARIABLE`'s value.

    Raises:
        InputError: if the variable is not a positive number.
    """
    text = os.environ.get(VARIABLE, "")
    if not text:
        return MEGAPIXELS
    try:
        most = float(text)
    except ValueError:
        most = 0.0
    if not 0 < most < float("inf"):
        raise InputError(
            f"Expected {VARIABLE} in the environment as a number over 0. "
            f"Received: {text!r}."
        )
    return most


def most_bytes(megapixels: float | None = None) -> int:
    """Return the largest size of a photo's file in bytes.

    Example:

    >>> most_bytes(100)
    800000000
    """
    most = megapixels_allowed() if megapixels is None else megapixels
    return int(BYTES_A_PIXEL * most * MILLION)


def file_limit(most: int | None = None) -> tuple[int, str]:
    """Return the largest size of a file in bytes, and advice for the message.

    Args:
        most: the size for other files than photos; None for a photo.
    """
    return (most_bytes(), RAISE) if most is None else (most, "")


def check_pixels(data: bytes, megapixels: float | None = None) -> None:
    """Raise if a photo has too many pixels, before it is decoded.

    Args:
        data: the file's bytes. Files without a size in the header pass.
        megapixels: the limit; by default `megapixels_allowed()`.

    Raises:
        InputError: with the size in the header.

    Example:

    >>> check_pixels(b"P6 40000 30000 255 ", 100)
    Traceback (most recent call last):
        ...
    facemtl.errors.InputError: Expected at most 100 megapixels. Received: ...
    """
    size = stored_size(data)
    if size is None:
        return
    most = megapixels_allowed() if megapixels is None else megapixels
    more = "" if megapixels else RAISE
    large = is_avif(data) or is_jpeg_2000(data)
    kind = " of an AVIF or a JPEG 2000" if large else ""
    most = most / LARGE if large else most
    width, height = size
    if width * height > most * MILLION:
        raise InputError(
            f"Expected at most {most:g} megapixels{kind}. "
            f"Received: {width:,} x {height:,} pixels{more}."
        )
