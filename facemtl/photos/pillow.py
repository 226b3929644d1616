"""Convert PIL images to arrays; Pillow itself is optional."""

import sys
from typing import Any

import numpy as np

from facemtl.errors import InputError

# 32 bits per pixel; Pillow does not define white for them.
UNSCALED = ("I", "F")
# The first of two conversions that Pillow needs for these modes.
FIRST = {"P": "RGBA", "PA": "RGBA", "La": "LA", "RGBa": "RGBA"}


def is_pillow(photo: Any) -> bool:
    """Return whether this is a PIL image, without importing Pillow.

    Example:

    >>> is_pillow("photo.jpg")
    False
    """
    pillow = sys.modules.get("PIL.Image")
    return pillow is not None and isinstance(photo, pillow.Image)


def from_pillow(image: Any) -> np.ndarray:
    """Convert a `PIL.Image.Image` to an array.

    The image is rotated by its EXIF orientation, as files are. A caller who has
    already rotated it must remove the orientation.

    Args:
        image: any mode that Pillow converts to RGB; alpha is dropped.

    Returns:
        (H, W, 3) uint8, RGB; or (H, W) uint16 for 16-bit gray.

    Raises:
        InputError: for a closed or broken image, or another mode.
    """
    if image.mode in UNSCALED:
        raise InputError(
            "Expected a PIL image of 8 or 16 bits. Received: mode "
            f"'{image.mode}', which does not define white: convert it to "
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
    except Exception as error:  # Each file format raises other classes.
        raise InputError(
            f"Expected a PIL image that can be read. Received: mode "
            f"'{image.mode}': {error}."
        ) from None
