"""How large a photo may be: its pixels, by its header, and its file."""

import os

from facemtl.errors import InputError
from facemtl.photos.avif import is_avif
from facemtl.photos.size import is_jpeg_2000, stored_size

MILLION = 1_000_000
# Phones make photos of 200 million pixels. One of more is mostly made to fill
# the memory: a JPEG of some kilobytes can have 4,000 million.
MEGAPIXELS = 200.0
VARIABLE = "FACEMTL_MEGAPIXELS"
RAISE = f" (the environment variable {VARIABLE} sets the most)"
BYTES_A_PIXEL = 8  # of the largest whole file: color, alpha, 16 bits, packed no
# Decoders of AVIF and JPEG 2000 take twice the memory of the others.
LARGE = 2


def megapixels_allowed() -> float:
    """The most million pixels of a photo: 200, or what `VARIABLE` says.

    Raises:
        InputError: if the variable is no number over 0.
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
    """The most bytes of a photo's file.

    Example:

    >>> most_bytes(100)
    800000000
    """
    most = megapixels_allowed() if megapixels is None else megapixels
    return int(BYTES_A_PIXEL * most * MILLION)


def file_limit(most: int | None = None) -> tuple[int, str]:
    """The most bytes of a file, and what to do with a larger one.

    Args:
        most: of a file that is no photo; None for a photo.
    """
    return (most_bytes(), RAISE) if most is None else (most, "")


def check_pixels(data: bytes, megapixels: float | None = None) -> None:
    """Refuse a photo of too many pixels, before it is decoded.

    Args:
        data: the file's bytes. What says no size is left to the decoder.
        megapixels: the most; by default `megapixels_allowed()`.

    Raises:
        InputError: with what its header says.

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
