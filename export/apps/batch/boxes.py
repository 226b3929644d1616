"""The boxes of one photo, unless one of them lies outside of it."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from facemtl.errors import InputError

FAR = 1e9  # pixels; beyond it the arithmetic of a window is no longer exact


def check_boxes(boxes: Sequence[Any], shape: Sequence[int]) -> np.ndarray:
    """(N, 4) boxes, each with a part in the photo.

    Args:
        boxes: N times left, top, right, bottom; pixels.
        shape: of the photo: height, width, ...

    Raises:
        InputError: for what is no box, and for one outside the photo.
    """
    try:
        array = np.asarray(boxes, np.float64)
        if array.size == 0:
            return array.reshape(0, 4)
        array = array.reshape(len(boxes), 4)
    except (TypeError, ValueError):
        raise InputError(
            f"Expected boxes [left, top, right, bottom]. Received: {boxes}."
        ) from None
    height, width = shape[:2]
    for i, (left, top, right, bottom) in enumerate(array.tolist(), 1):
        seen = max(left, -0.5) < min(right, width - 0.5)
        seen &= max(top, -0.5) < min(bottom, height - 0.5)
        if not (seen and np.abs(array[i - 1]).max() < FAR):
            raise InputError(
                f"Expected box {i} in the photo, {width} x {height} pixels. "
                f"Received: {[left, top, right, bottom]}."
            )
    return array
