"""A photo's bytes, unless it is none, or too large to be decoded.

No Ray and no pyarrow here.
"""

import errno
from pathlib import Path

from facemtl.errors import InputError
from facemtl.files.reading import read_limited
from facemtl.photos.formats import misread, unread
from facemtl.photos.limits import check_pixels, most_bytes
from facemtl.photos.size import stored_size
from facemtl.words import valid_text


def read_bytes(path: Path, megapixels: float) -> bytes:
    """The photo as it is stored.

    Args:
        path: its file.
        megapixels: the most a photo may have.

    Raises:
        InputError: if there is none, or one too large to be read at all.
    """
    most = most_bytes(megapixels)
    try:
        return read_limited(path, most)
    except (OSError, ValueError) as error:  # ValueError: a zero in its name
        number = getattr(error, "errno", None)
        # A pipe would be waited for.
        if number in (errno.EINVAL, errno.EISDIR):
            raise InputError(
                "Expected a photo. Received: no regular file."
            ) from None
        if number == errno.EFBIG:
            raise InputError(
                f"Expected a photo of at most {most:,} bytes. "
                f"Received: {path.stat().st_size:,}."
            ) from None
        reason = getattr(error, "strerror", None) or str(error)
        name = valid_text(str(path))
        raise InputError(
            f"Expected a photo. Received: {name}: {reason}."
        ) from None


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
    if stored_size(data) is None:
        kind = misread(data) or unread(data)
        none = f"{len(data):,} bytes that are none, or its first part"
        raise InputError(f"Expected a photo. Received: {kind or none}.")
    check_pixels(data, megapixels)


def size_of(data: bytes) -> tuple[int, int]:
    """Width and height in pixels, as the header says; nothing is decoded.

    Raises:
        InputError: if there is none.
    """
    size = stored_size(data)
    if size is None:
        raise InputError("Expected a photo. Received: no header of one.")
    return size
