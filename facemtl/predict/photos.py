"""Whatever a caller has as a photo -> (H, W, 3) uint8, RGB."""

from pathlib import Path

import cv2
import numpy as np

from facemtl.datasets.images import decode
from facemtl.errors import InputError

Photo = str | Path | bytes | np.ndarray


def as_rgb(photo: Photo, bgr: bool = False) -> np.ndarray:
    """Read or convert a photo.

    Args:
        photo: a file, a file's bytes, or an array: gray (H, W) or (H, W, 1),
            color (H, W, 3), or color with alpha (H, W, 4), which is dropped;
            uint8, or uint16 of the full range. Files are turned as their EXIF
            says.
        bgr: whether an array's colors are in OpenCV's order.

    Returns:
        (H, W, 3) uint8, RGB.

    Raises:
        InputError: for anything else, a missing or a broken file.

    Example:

    >>> as_rgb(np.full((2, 2), 65535, np.uint16)).max()
    np.uint8(255)
    """
    if isinstance(photo, np.ndarray):
        return _from_array(photo, bgr)
    if isinstance(photo, bytes):
        return decode(photo, "the photo's bytes")
    if not isinstance(photo, str | Path):
        raise InputError(
            "Expected a photo as a file, bytes or array. "
            f"Received: {type(photo).__name__}."
        )
    return decode(read_file(photo), photo)


def read_file(file: str | Path) -> bytes:
    """The bytes of a photo; `InputError` for a URL, a folder, no file."""
    if "://" in str(file):
        raise InputError(
            f"Expected a photo's file. Received the address {file}: download "
            "it first."
        )
    path = Path(file)
    if path.is_dir():
        raise InputError(
            f"Expected a photo's file. Received the folder {file}: give its "
            f"photos, such as {path / '*.jpg'}."
        )
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{file}: {error.strerror}.") from None


def _from_array(photo: np.ndarray, bgr: bool) -> np.ndarray:
    channels = photo.shape[2] if photo.ndim == 3 else 1
    if photo.ndim not in (2, 3) or channels not in (1, 3, 4) or not photo.size:
        raise InputError(
            "Expected a photo of shape (H, W), (H, W, 1), (H, W, 3) or "
            f"(H, W, 4). Received: {photo.shape}."
        )
    if photo.dtype == np.uint16:
        photo = (photo // 257).astype(np.uint8)
    if photo.dtype != np.uint8:
        raise InputError(
            "Expected a photo of uint8 (0 to 255) or uint16. Received: "
            f"{photo.dtype}; scale it, such as (255 * photo).astype('uint8')."
        )
    if channels == 1:
        return cv2.cvtColor(photo.reshape(photo.shape[:2]), cv2.COLOR_GRAY2RGB)
    colors = photo[..., 2::-1] if bgr else photo[..., :3]
    return np.ascontiguousarray(colors)
