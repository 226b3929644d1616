"""A photo's bytes, unless it is none, or too large to be decoded.

No Ray and no pyarrow here.
"""

import stat
import warnings
from io import BytesIO
from pathlib import Path

from facemtl.datasets.formats import misread, unread
from facemtl.errors import InputError
from facemtl.predict.photos import read_file
from facemtl.words import valid_text

# What both Pillow, which reads the size, and OpenCV, which decodes, know.
FORMATS = (
    *("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF", "PPM", "JPEG2000"),
    "AVIF",
)
MILLION = 1_000_000
BYTES_A_PIXEL = 8  # of the largest whole file: color, alpha, 16 bits, packed no


def read_bytes(path: Path, megapixels: float) -> bytes:
    """The photo as it is stored.

    Args:
        path: its file.
        megapixels: the most a photo may have.

    Raises:
        InputError: if there is none, or one too large to be read at all.
    """
    most = int(BYTES_A_PIXEL * megapixels * MILLION)
    try:
        status = path.stat()
    except (OSError, ValueError) as error:  # ValueError: a zero in its name
        reason = getattr(error, "strerror", None) or str(error)
        name = valid_text(str(path))
        raise InputError(
            f"Expected a photo. Received: {name}: {reason}."
        ) from None
    if not stat.S_ISREG(status.st_mode):  # A pipe would be waited for forever.
        raise InputError("Expected a photo. Received: no regular file.")
    if status.st_size > most:
        raise InputError(
            f"Expected a photo of at most {most:,} bytes. "
            f"Received: {status.st_size:,}."
        )
    return read_file(path)


def check_size(data: bytes, megapixels: float) -> None:
    """Refuse a photo that is none or too large, before it is decoded.

    Raises:
        InputError: with what its header says.

    Example:

    >>> check_size(b"P6 40000 30000 255 ", 100)
    Traceback (most recent call last):
        ...
    facemtl.errors.InputError: Expected at most 100 megapixels. Received: ...
    """
    try:
        width, height = size_of(data)
    except Exception:  # Of a broken header, Pillow's readers raise anything.
        kind = misread(data) or unread(data)
        none = f"{len(data):,} bytes that are none, or its first part"
        raise InputError(
            f"Expected a photo. Received: {kind or none}."
        ) from None
    if width * height > megapixels * MILLION:
        raise InputError(
            f"Expected at most {megapixels:g} megapixels. "
            f"Received: {width:,} x {height:,} pixels."
        )


def size_of(data: bytes) -> tuple[int, int]:
    """Width and height in pixels, as the header says; nothing is decoded."""
    from PIL import Image

    usual, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None  # ours decides
    try:
        with (
            warnings.catch_warnings(action="ignore"),
            Image.open(BytesIO(data), formats=FORMATS) as header,
        ):
            return header.size
    finally:
        Image.MAX_IMAGE_PIXELS = usual
