"""A photo that is read again when it is needed, instead of held in memory."""

from pathlib import Path
from typing import Any

import numpy as np

from facemtl.arguments import checked_path
from facemtl.errors import InputError
from facemtl.photos.photo import as_rgb


class PhotoSource:
    """A photo's file, or its coded bytes.

    Args:
        photo: the file, or its bytes.

    Example:

    >>> from facemtl.photos.encoding import encoded
    >>> data = encoded(np.zeros((2, 3, 3), np.uint8), ".png")
    >>> PhotoSource(data).read().shape
    (2, 3, 3)
    """

    def __init__(self, photo: Path | bytes) -> None:
        self._photo = photo
        self._stamp = _stamp(photo)

    @property
    def is_file(self) -> bool:
        """Whether the photo is a file."""
        return isinstance(self._photo, Path)

    def read(self) -> np.ndarray:
        """Return the pixels (H, W, 3), uint8, RGB.

        Raises:
            InputError: if the file has changed, or cannot be read any more.
        """
        now = _stamp(self._photo)
        changed = now not in (self._stamp, None)
        if isinstance(self._photo, Path) and changed:
            raise InputError(
                "Expected the photo as it was when its faces were predicted. "
                f"Received: {self._photo}, which has changed since."
            )
        return as_rgb(self._photo)


def source_of(photo: Any, pixels: np.ndarray) -> PhotoSource | np.ndarray:
    """Return a source of a photo, or its pixels if it cannot be read again.

    Args:
        photo: the photo as `as_rgb` takes it.
        pixels: its pixels.
    """
    if isinstance(photo, bytes):
        return PhotoSource(photo)
    if isinstance(photo, str | Path):
        file = checked_path("a photo's file", photo)
        if file.is_file():  # Not a pipe.
            # Another process may have another working directory.
            return PhotoSource(file.absolute())
    return pixels


def _stamp(photo: Path | bytes) -> tuple[int, int] | None:
    """Return a file's size and time; None for bytes or without a file."""
    if isinstance(photo, bytes):
        return None
    try:
        status = photo.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns
