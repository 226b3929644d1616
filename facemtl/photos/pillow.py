"""Pillow's images as arrays; Pillow itself is not needed without them."""

import sys
from typing import Any

import numpy as np

from facemtl.errors import InputError

# 32 bits a pixel: Pillow does not say which number is white.
UNSCALED = ("I", "F")
# What Pillow converts in two steps only.
FIRST = {"P": "RGBA", "PA": "RGBA", "La": "LA", "RGBa": "RGBA"}


def is_pillow(photo: Any) -> bool:
    """Whether this is an image of Pillow's, if Pillow is imported at all.

    Example:

    >>> is_pillow("photo.jpg")
    False
    """
    pillow = sys.modules.get("PIL.Image")
    return pillow is not None and isinstance(photo, pillow.Image)


def from_pillow(image: Any) -> np.ndarray:
    """A `PIL.Image.Image` as an array.

    It is turned as `PIL.ImageOps.exif_transpose` turns it, as files are: one
    that a caller has turned by hand must not say so any more.

    Args:
        image: of any mode that Pillow converts to RGB; alpha is dropped.

    Returns:
        (H, W, 3) uint8, RGB, or (H, W) uint16 of 16-bit gray.

    Raises:
        InputError: for an image that is closed, broken or of another mode.
    """
    if image.mode in UNSCALED:
        raise InputError(
            "Expected a PIL image of 8 or 16 bits. Received: mode "
            f"'{image.mode}', which does not say what is white: convert it to "
            "'L' (0 to 255) or 'I;16' (0 to 65535)."
        )
    from PIL import ImageOps

    try:
        upright = ImageOps.exif_transpose(image)
        if upright.mode.startswith("I;16"):
            return np.asarray(upright).astype(np.uint16)
        first = FIRST.get(upright.mode)
        upright = upright.convert(first) if first else upright
        return np.asarray(upright.convert("RGB"))
    except Exception as error:  # Of each file format its own kinds.
        raise InputError(
            f"Expected a PIL image that can be read. Received: mode "
            f"'{image.mode}': {error}."
        ) from None
