"""`Found`: the faces detected in one photo."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

import numpy as np

from facemtl.detection.turns import turn_boxes_back, turn_points_back
from facemtl.errors import InputError
from facemtl.geometry.crops import square_windows, to_photo
from facemtl.geometry.in_photo import IN_PHOTO, parts_in_photo
from facemtl.words import one_line

Boxes = np.ndarray | Sequence[Sequence[float]]
EXPECTED = "boxes (N, 4): left, top, right, bottom"


@dataclass(frozen=True)
class Found:
    """N faces in one photo.

    Attributes:
        boxes: (N, 4) left, top, right, bottom in pixels of the turned photo.
        scores: (N,) 0 to 1; NaN for boxes that the caller gave.
        turns: (N,) quarter turns counterclockwise of the photo at detection.
    """

    boxes: np.ndarray
    scores: np.ndarray
    turns: np.ndarray

    @classmethod
    def given(cls, boxes: Boxes) -> "Found":
        """Create a `Found` from a caller's boxes.

        Raises:
            InputError: for invalid boxes.

        Example:

        >>> Found.given([[10, 20, 60, 70]]).turns
        array([0])
        """
        array = _numbers(boxes)
        if array.size == 0:
            array = array.reshape(0, 4)
        if array.ndim != 2 or array.shape[1] != 4:
            one = array.shape == (4,)
            raise InputError(
                f"Expected {EXPECTED}. Received: shape {array.shape}"
                f"{'; write [box] for one box' if one else ''}."
            )
        good = (array[:, :2] < array[:, 2:]).all(axis=1)
        good &= np.isfinite(array).all(axis=1)
        if not good.all():
            raise InputError(
                "Expected left < right and top < bottom in every box. "
                f"Received: {array[good.argmin()].tolist()}."
            )
        n = len(array)
        return cls(array, np.full(n, np.nan), np.zeros(n, int))

    def on_photo(self, shape: tuple[int, ...]) -> "Found":
        """Return this `Found` if a tenth of every box lies in the photo.

        Args:
            shape: (H, W, ...) of the photo.

        Raises:
            InputError: for a box outside the photo, for example of another
                photo or in other units.

        Example:

        >>> len(Found.given([[-5, -5, 6, 6]]).on_photo((40, 40, 3)))
        1
        """
        size = (shape[1], shape[0])
        on = parts_in_photo(self.boxes, *shape[:2]) >= IN_PHOTO
        if not on.all():
            raise InputError(
                f"Expected boxes on the photo of {size[0]} x {size[1]} pixels. "
                f"Received: {self.boxes[on.argmin()].tolist()}, with less than "
                "a tenth of it there."
            )
        return self

    def __len__(self) -> int:
        return len(self.boxes)

    def doubled(self) -> "Found":
        """Return faces in half of a photo as faces in the whole one.

        Example:

        >>> Found.given([[-0.5, 0, 9, 9]]).doubled().boxes
        array([[-0.5,  0.5, 18.5, 18.5]])
        """
        # 0 is the centre of the first pixel, at both scales.
        return Found(2 * self.boxes + 0.5, self.scores, self.turns)

    def select(self, index: Any) -> "Found":
        """Return the faces of `index`, in its order."""
        index = np.asarray(index, int)
        return Found(self.boxes[index], self.scores[index], self.turns[index])

    def windows(self, margin: float) -> np.ndarray:
        """Return windows (N, 3): left, top, side; pixels as in `boxes`."""
        return square_windows(self.boxes, margin)

    def boxes_in_photo(self, shape: tuple[int, ...]) -> np.ndarray:
        """Return boxes (N, 4) in pixels of the unturned photo of `shape`."""
        return turn_boxes_back(self.boxes, self.turns, shape)

    def points_in_photo(
        self, points: np.ndarray, margin: float, shape: tuple[int, ...]
    ) -> np.ndarray:
        """Convert points (N, P, 2) in window units to pixels of the photo."""
        turned = to_photo(points, self.windows(margin))
        for i, turn in enumerate(self.turns):
            turned[i] = turn_points_back(turned[i], int(turn), shape)
        return turned


def _numbers(boxes: Any) -> np.ndarray:
    """Convert a caller's boxes to float64 of any shape."""
    # Mappings and sets have no order, or not that of the faces.
    unordered = isinstance(boxes, Mapping | AbstractSet)
    try:
        rows = list(boxes) if isinstance(boxes, Iterator) else boxes
        array = np.asarray(None if unordered else rows)
    except (ValueError, TypeError, RuntimeError):  # such as ragged rows
        array = np.asarray(None)
    if array.size and array.dtype.kind not in "iuf":
        raise InputError(
            f"Expected {EXPECTED}, as numbers. "
            f"Received: {one_line(repr(boxes))[:80]}."
        )
    return array.astype(np.float64)
