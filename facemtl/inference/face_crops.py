"""Cut a face out of its photo, aligned or upright."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from facemtl.arguments import checked_number, is_count
from facemtl.errors import InputError
from facemtl.geometry.crops import LARGEST, WIDEST, crop, square_windows
from facemtl.inference.templates import Template, aligning

EXPECTED = f"size as a whole number of pixels, 1 to {LARGEST:,}"
# A window of 100 megapixels has a photo's largest size.
MOST_PIXELS = 10_000


def checked_size(size: Any) -> int:
    """Return the width of a crop; raise `InputError` if it is invalid."""
    if not is_count(size) or size > LARGEST:
        raise InputError(f"Expected {EXPECTED}. Received: {size!r}.")
    return int(size)


def aligned_crop(
    photo: np.ndarray,
    points: Mapping[str, tuple[float, float]],
    size: int,
    template: Template,
) -> np.ndarray:
    """Return an aligned face (size, size, 3); see `Face.aligned`."""
    size = checked_size(size)
    window, degrees = aligning(points, size, template).window(size)
    return crop(photo, window, size, "rgb", degrees=degrees)


def box_crop(
    photo: np.ndarray,
    box: tuple[float, float, float, float],
    margin: float,
    size: int | None,
) -> np.ndarray:
    """Return an upright face (size, size, 3); see `Face.crop`."""
    margin = checked_number(
        f"a margin over -0.5 and at most {WIDEST:g}",
        margin,
        lambda x: -0.5 < x <= WIDEST,
    )
    (window,) = square_windows(np.array([box]), margin)
    if not np.isfinite(window).all():
        raise InputError(
            f"Expected a box of finite numbers. Received: {list(box)}."
        )
    if size is not None:
        return crop(photo, window, checked_size(size), "rgb")
    left, top, side = window
    if side > MOST_PIXELS:
        raise InputError(
            f"Expected a box with a margin of at most {MOST_PIXELS:,} pixels "
            f"a side, or a size. Received: {side:,.0f} pixels."
        )
    # One sample at the centre of each pixel copies it.
    n = max(1, round(side))
    corner = [math.floor(x + 0.5) - 0.5 for x in (left, top)]
    return crop(photo, np.array([*corner, n]), n, "rgb", samples=1)
