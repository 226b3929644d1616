"""The bytes of a photo's file -> (H, W, 3) uint8, RGB."""

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
    data: bytes, path: str | Path, megapixels: float | None = None
) -> np.ndarray:
    """The photo in a file's bytes.

    It is turned as it is to be displayed; see `facemtl.photos.orientation`.
    A gray file gets three equal channels, alpha is dropped (a TIFF's is put on
    black), 16 bits are reduced to 8, and of an animation it is the first frame.

    Args:
        data: a JPEG, PNG or whatever else OpenCV reads.
        path: for the message.
        megapixels: the most that it may have; by default as of
            `facemtl.photos.limits`.

    Returns:
        (H, W, 3) uint8, RGB.

    Raises:
        RowError: "unreadable image", also for a truncated or too large file,
            and for a format that OpenCV does not read, with what converts it.
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
    image = _decoded(data, path) if is_photo(data) else None
    if image is None:
        size = f"{path}, {len(data)} bytes, is truncated or no image"
        kind = unread(data)
        raise RowError(UNREADABLE_IMAGE, f"{path} is {kind}" if kind else size)
    turn = orientation(data)
    return image if turn in (None, 1) else turned(image, turn)


def _decoded(data: bytes, path: str | Path) -> np.ndarray | None:
    """The photo as it is stored, or as OpenCV turns it; None if broken."""
    # Imported here because commands must answer --help at once.
    import cv2

    flags = cv2.IMREAD_COLOR
    if orientation(data) is not None:
        flags |= cv2.IMREAD_IGNORE_ORIENTATION
    coded, words = np.frombuffer(data, np.uint8), ""
    try:
        if is_jpeg(data):
            image, words = with_native_words(cv2.imdecode, coded, flags)
        else:
            image = cv2.imdecode(coded, flags)
    except cv2.error as error:  # An empty file, or one that is too large.
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
    # By parts, since a whole copy of a large photo takes much memory.
    for start in range(0, len(image), _ROWS):
        rows = image[start : start + _ROWS]
        rows[:] = cv2.cvtColor(rows, cv2.COLOR_BGR2RGB)
    return image


def _too_large() -> str:
    limit = int(os.environ.get(f"OPENCV_{LIMIT}", 2**30))
    return f"more than {limit / 1e6:,.0f} million pixels (OPENCV_{LIMIT})"
