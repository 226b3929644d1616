"""Convert any kind of photo to (H, W, 3) uint8, RGB."""

import io
import os
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import cv2
import numpy as np

from facemtl.arguments import checked_path
from facemtl.errors import InputError
from facemtl.files.reading import read_limited
from facemtl.photos.decoding import decode
from facemtl.photos.limits import file_limit
from facemtl.photos.patterns import pattern_fault
from facemtl.photos.pillow import from_pillow, is_pillow

# PIL images and tensors are allowed too, but their packages are optional.
Photo = str | Path | bytes | bytearray | memoryview | IO[bytes] | np.ndarray
_PART = 2**24  # bytes of an open file that are read at a time
EXPECTED = (
    "a photo as a file, its bytes, a file opened in binary mode, an array or a "
    "PIL image"
)


def as_rgb(photo: Photo, bgr: bool = False) -> np.ndarray:
    """Read or convert a photo.

    Args:
        photo: a file, its bytes, a file opened in binary mode (read from the
            start, not closed), a PIL image, or an array or tensor: gray (H, W)
            or (H, W, 1), color (H, W, 3), or color with alpha (H, W, 4), which
            is dropped; uint8, or uint16 of the full range. Files and PIL images
            are rotated by their EXIF orientation.
        bgr: whether an array has OpenCV's order of channels.

    Returns:
        (H, W, 3) uint8, RGB.

    Raises:
        InputError: for any other type, or a missing or broken file.

    Example:

    >>> as_rgb(np.full((2, 2), 65535, np.uint16)).max()
    np.uint8(255)
    """
    if isinstance(photo, str | os.PathLike):
        return decode(read_file(photo), photo)
    if isinstance(photo, bytes | bytearray | memoryview):
        return decode(bytes(photo), "the photo's bytes")
    if is_pillow(photo):
        return _from_array(from_pillow(photo), bgr=False)
    if hasattr(photo, "read"):
        return decode(_read_open(photo), "the opened file")
    if isinstance(photo, list | tuple):
        raise InputError(
            f"Expected {EXPECTED}. Received: a {type(photo).__name__}. Give "
            "several photos to predictor.batch, pixels as np.array(pixels, "
            "'uint8')."
        )
    if not hasattr(photo, "__array__"):
        raise InputError(
            f"Expected {EXPECTED}. Received: {type(photo).__name__}."
        )
    return _from_array(_array(photo), bgr)


def photo_list(photos: Any) -> list[Photo]:
    """Return several photos as a list.

    Args:
        photos: a list or another iterable of photos, or an array
            (N, H, W, C).

    Raises:
        InputError: for a single photo, or an unordered collection.

    Example:

    >>> photo_list(name for name in ("a.jpg", "b.jpg"))
    ['a.jpg', 'b.jpg']
    """
    single = (str, os.PathLike, bytes, bytearray, memoryview)
    one = isinstance(photos, single) or is_pillow(photos)
    one = one or hasattr(photos, "read")
    # Arrays and tensors have `ndim`.
    axes = getattr(photos, "ndim", 4)
    unordered = isinstance(photos, Mapping | AbstractSet)
    iterable = isinstance(photos, Iterable)
    if one or unordered or not iterable or axes not in (1, 4):
        received = type(photos).__name__
        if iterable and axes not in (1, 4):
            received = f"one of shape {tuple(photos.shape)}"
        raise InputError(
            "Expected photos as a list, or an array (N, H, W, C). Received: "
            f"{received}. Write [photo] for one."
        )
    return list(photos)


def read_file(file: str | Path) -> bytes:
    """Return the bytes of a photo's file.

    Args:
        file: its path; `~` is the user's home.

    Raises:
        InputError: for a URL, a folder, a pattern, or a file that is missing
            or cannot be read.
    """
    if "://" in str(file):
        raise InputError(
            f"Expected a photo's file. Received the address {file}: download "
            "it first."
        )
    path = checked_path("a photo's file", file)
    try:
        if path.is_dir():
            raise InputError(
                f"Expected a photo's file. Received the folder {file}: give "
                f"its photos, such as {path / '*.jpg'}."
            )
        # Pipes, because a shell passes `<(curl …)` as /dev/fd/63.
        return read_limited(path, *file_limit(), pipes=True)
    except FileNotFoundError as error:
        raise InputError(
            pattern_fault(str(file)) or f"{file}: {error.strerror}."
        ) from None
    except OSError as error:
        raise InputError(f"{file}: {error.strerror}.") from None
    except UnicodeEncodeError:  # A lone surrogate, in no file's name.
        raise InputError(
            f"Expected a photo's file. Received the name {str(file)!r}."
        ) from None


def _read_open(file: Any) -> bytes:
    """Return all bytes of an open file, from its start."""
    most, advice = file_limit()
    try:
        data = None
        if not isinstance(file, io.TextIOBase):
            with suppress(AttributeError):  # streams that only have `read`
                if file.seekable():
                    file.seek(0)
            data = _read_some(file, most)
        reason = f"{type(file).__name__}, which gives no bytes"
    except (OSError, ValueError, TypeError) as error:  # such as a closed file
        reason = f"{type(file).__name__}: {error}"
    if data is None:
        raise InputError(
            f"Expected {EXPECTED}. Received: {reason}. Open a file with mode "
            "'rb'."
        )
    if len(data) > most:
        raise InputError(
            f"Expected a photo of at most {most:,} bytes{advice}. Received: "
            "an open file of more."
        )
    return data


def _read_some(file: Any, most: int) -> bytes | None:
    """Return an open file's bytes, up to the limit; None if not bytes."""
    data = bytearray()
    while len(data) <= most:
        try:
            part, last = file.read(_PART), False
        except TypeError:  # `read` takes no size.
            part, last = file.read(), True
        if not isinstance(part, bytes | bytearray | memoryview):
            return None
        data += part
        if last or not len(part):
            break
    return bytes(data)


def _array(photo: Any) -> np.ndarray:
    try:
        return np.asarray(photo)
    except (TypeError, ValueError, RuntimeError) as error:
        # Such as a tensor on a GPU.
        reason = str(error).splitlines()[0]
        raise InputError(
            f"Expected {EXPECTED}. Received: a {type(photo).__name__}: {reason}"
        ) from None


def _from_array(photo: np.ndarray, bgr: bool) -> np.ndarray:
    channels = photo.shape[2] if photo.ndim == 3 else 1
    if photo.ndim not in (2, 3) or channels not in (1, 3, 4) or not photo.size:
        raise InputError(
            "Expected a photo of shape (H, W), (H, W, 1), (H, W, 3) or "
            f"(H, W, 4). Received: {photo.shape}."
        )
    # Compared by kind and size to accept both byte orders.
    if photo.dtype.kind == "u" and photo.dtype.itemsize == 2:
        photo = (photo // 257).astype(np.uint8)
    if photo.dtype != np.uint8:
        raise InputError(
            "Expected a photo of uint8 (0 to 255) or uint16. Received: "
            f"{photo.dtype}; scale it, such as (255 * photo).astype('uint8')."
        )
    if channels == 1:
        gray = np.ascontiguousarray(photo.reshape(photo.shape[:2]))
        return cv2.cvtColor(gray, cv2.COLOR_GRAY2RGB)
    colors = photo[..., 2::-1] if bgr else photo[..., :3]
    return np.ascontiguousarray(colors)
