"""Decode a photo's file to (H, W, 3) uint8, RGB."""

import os
from pathlib import Path

import numpy as np

from facemtl.errors import InputError, RowError
from facemtl.photos.formats import misread, unread
from facemtl.photos.jpeg import is_jpeg, is_truncated_jpeg, lacks_pixels
from facemtl.photos.limits import check_pixels
from facemtl.photos.orientation import orientation, turned
from facemtl.photos.size import is_photo
from facemtl.process.native_words import with_native_words

UNREADABLE_IMAGE = "unreadable image"
LIMIT = "IO_MAX_IMAGE_PIXELS"
_ROWS = 1024


def decode(
    data: bytes,
    path: str | Path,
    megapixels: float | None = None,
    half: bool = False,
) -> np.ndarray:
    """Decode a photo.

    The photo is rotated for display; see `facemtl.photos.orientation`. Gray
    becomes three equal channels, 16 bits become 8, and alpha is dropped (a TIFF
    is blended with black). Only the first frame of an animation is decoded.

    Args:
        data: the bytes of a JPEG, a PNG or another file that OpenCV reads.
        path: for the message.
        megapixels: the largest allowed size; by default the one of
            `facemtl.photos.limits`.
        half: whether to decode half of the width and height of a JPEG.

    Returns:
        (H, W, 3) uint8, RGB.

    Raises:
        RowError: "unreadable image", for a broken, truncated or too large file,
            or a format that OpenCV does not read; then names a converter.
    """
    if is_truncated_jpeg(data):
        raise RowError(UNREADABLE_IMAGE, f"{path} is truncated")
    if kind := misread(data):
        raise RowError(UNREADABLE_IMAGE, f"{path} is {kind}")
    try:
        check_pixels(data, megapixels)
    except InputError as error:
        reason = str(error).rstrip(".")
        raise RowError(UNREADABLE_IMAGE, f"{path}: {reason}") from None
    image = _decoded(data, path, half) if is_photo(data) else None
    if image is None:
        size = f"{path}, {len(data)} bytes, is truncated or no image"
        kind = unread(data)
        raise RowError(UNREADABLE_IMAGE, f"{path} is {kind}" if kind else size)
    turn = orientation(data)
    return image if turn in (None, 1) else turned(image, turn)


def _decoded(data: bytes, path: str | Path, half: bool) -> np.ndarray | None:
    """Decode a photo, rotated only if OpenCV rotates it; None if broken."""
    # A local import, because commands must answer --help at once.
    import cv2

    flags = cv2.IMREAD_REDUCED_COLOR_2 if half else cv2.IMREAD_COLOR
    if orientation(data) is not None:
        flags |= cv2.IMREAD_IGNORE_ORIENTATION
    coded, words = np.frombuffer(data, np.uint8), ""
    try:
        if is_jpeg(data):
            image, words = with_native_words(cv2.imdecode, coded, flags)
        else:
            image = cv2.imdecode(coded, flags)
    except cv2.error as error:  # An empty file, or too many pixels.
        if LIMIT in str(error):
            raise RowError(
                UNREADABLE_IMAGE, f"{path}: {_too_large()}"
            ) from None
        return None
    if lacks_pixels(words):
        said = words.splitlines()[0]
        detail = f"{path} is damaged, its lower part is missing: {said}"
        raise RowError(UNREADABLE_IMAGE, detail)
    if image is None:
        return None
    # In parts, because a copy of a large photo takes much memory.
    for start in range(0, len(image), _ROWS):
        rows = image[start : start + _ROWS]
        rows[:] = cv2.cvtColor(rows, cv2.COLOR_BGR2RGB)
    return image


def _too_large() -> str:
    limit = int(os.environ.get(f"OPENCV_{LIMIT}", 2**30))
    return f"more than {limit / 1e6:,.0f} million pixels (OPENCV_{LIMIT})"
