"""Decode large JPEGs at half of their size."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from facemtl.photos.decoding import decode
from facemtl.photos.jpeg import is_jpeg, jpeg_size


def decode_half(
    data: bytes, name: str | Path, suffices: Callable[[tuple[int, int]], bool]
) -> np.ndarray | None:
    """Decode a JPEG at half of its size, if that suffices.

    Pixel i of the result is the mean of the photo's pixels 2i and 2i + 1, so
    that the sides of the photo must be even.

    Args:
        data: the file's bytes.
        name: for the message.
        suffices: whether half of a photo with this shape suffices.

    Returns:
        (H / 2, W / 2, 3) uint8, RGB; None to decode the whole photo.

    Raises:
        RowError: see `decode`.

    Example:

    >>> decode_half(b"GIF89a", "photo.gif", lambda shape: True) is None
    True
    """
    size = jpeg_size(data) if is_jpeg(data) else None
    if size is None or any(side % 2 for side in size) or not suffices(size):
        return None
    half = decode(data, name, half=True)
    # A damaged header may have a second size.
    return (
        half if sorted(half.shape[:2]) == sorted(x // 2 for x in size) else None
    )
