"""Write photos in the format of their ending."""

from pathlib import Path

import cv2
import numpy as np

from facemtl.arguments import checked_path
from facemtl.errors import InputError
from facemtl.files.writing import write_bytes

QUALITY = 95  # of JPEG and WebP, of 100
_JPEG = (cv2.IMWRITE_JPEG_QUALITY, QUALITY)
_WEBP = (cv2.IMWRITE_WEBP_QUALITY, QUALITY)
_OPTIONS: dict[str, tuple[int, ...]] = {
    **dict.fromkeys((".jpg", ".jpeg", ".jpe"), _JPEG),
    ".webp": _WEBP,
    **dict.fromkeys((".png", ".bmp", ".tif", ".tiff"), ()),
}
ENDINGS = tuple(_OPTIONS)


def encoded(pixels: np.ndarray, ending: str) -> bytes:
    """Return the bytes of a photo's file.

    Args:
        pixels: (H, W, 3) uint8, RGB.
        ending: one of `ENDINGS`, in either case. JPEG and WebP are written
            with quality 95, the others without loss.

    Raises:
        InputError: if the format does not allow so many pixels.

    Example:

    >>> encoded(np.zeros((2, 2, 3), np.uint8), ".png")[1:4]
    b'PNG'
    """
    ending = ending.lower()
    bgr = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    try:
        done, data = cv2.imencode(ending, bgr, _OPTIONS[ending])
    except cv2.error:
        done = False
    if not done:
        height, width = pixels.shape[:2]
        raise InputError(
            f"Expected a photo of a size that {ending[1:].upper()} allows. "
            f"Received: {width:,} x {height:,} pixels."
        )
    return data.tobytes()


def save_photo(pixels: np.ndarray, file: str | Path) -> None:
    """Write a photo atomically, in the format of the file's ending.

    Args:
        pixels: (H, W, 3) uint8, RGB.
        file: its name, with one of `ENDINGS`.

    Raises:
        InputError: for another ending, or if the file cannot be written.
    """
    place = checked_path("a photo to write", file)
    if place.suffix.lower() not in _OPTIONS:
        raise InputError(
            f"Expected a photo to write with an ending of "
            f"{', '.join(ENDINGS)}. Received: {str(file)!r}."
        )
    try:
        write_bytes(encoded(pixels, place.suffix), place)
    except OSError as error:
        raise InputError(
            f"Expected to write {file}. Received: {error.strerror}."
        ) from None
