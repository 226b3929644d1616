"""Places for the text about faces, where it hides no face.

A *plate* is the rectangle of a face's text: (left, top, width, height) in whole
pixels.
"""

from collections.abc import Sequence

import numpy as np


class Plates:
    """Finds a place for each face's plate in turn.

    A plate touches its face's box or nearly so, and covers neither another
    plate nor points of another face. Among such places, the one that covers
    least of other faces' boxes, then of its own, is taken.

    Args:
        size: width and height of the photo.
        boxes: (N, 4) left, top, right, bottom.
        points: (P, 2) for each of the N faces; P may be 0.
        radius: pixels round each point that its dot covers.

    Example:

    >>> boxes = np.array([[10, 10, 50, 50]])
    >>> plates = Plates((100, 100), boxes, [np.empty((0, 2))], radius=2)
    >>> plates.place(0, (30, 20), pad=3)
    (10, 53)
    """

    def __init__(
        self,
        size: tuple[int, int],
        boxes: np.ndarray,
        points: Sequence[np.ndarray],
        radius: int,
    ) -> None:
        self._size, self._boxes, self._radius = size, boxes, radius
        counts = [len(some) for some in points]
        self._points = np.concatenate([np.empty((0, 2)), *points])
        self._faces = np.repeat(np.arange(len(points)), counts)
        self._placed = np.empty((0, 4), int)

    def side(self, face: int) -> int:
        """Return the width of a face's box."""
        return int(self._boxes[face, 2] - self._boxes[face, 0])

    def place(
        self, face: int, plate: tuple[int, int], pad: int, strict: bool = True
    ) -> tuple[int, int] | None:
        """Return left and top of a face's plate; None if nothing is free.

        Args:
            face: index of the face.
            plate: width and height.
            pad: distance from the box.
            strict: whether the face's own points must stay visible too, and
                the whole plate must fit into the photo.
        """
        if strict and (np.array(plate) > self._size).any():
            return None
        places = self._candidates(self._boxes[face], plate, pad)
        own, others = self._covered(places, face)
        free = others == 0
        if strict:
            free &= own == 0
        if len(self._placed):
            placed = self._placed.copy()
            placed[:, 2:] += placed[:, :2]
            free &= _overlaps(places, placed).sum(axis=1) == 0
        free &= _overlaps(places, self._grown(face, pad)).any(axis=1)
        if not free.any():
            return None
        on_boxes = _overlaps(places, self._boxes)
        on_own = on_boxes[:, face]
        on_others = on_boxes.sum(axis=1) - on_own
        index = np.arange(len(places))
        order = np.lexsort((index, on_own, own, on_others, ~free))
        left, top = places[order[0], :2].tolist()
        self._placed = np.vstack([self._placed, [left, top, *plate]])
        return left, top

    def _grown(self, face: int, pad: int) -> np.ndarray:
        """Return the box with the region in which its plate touches it."""
        reach = pad + 2
        return self._boxes[face][None] + np.array(
            [-reach, -reach, reach, reach]
        )

    def _candidates(
        self, box: np.ndarray, plate: tuple[int, int], pad: int
    ) -> np.ndarray:
        """Return (K, 4) left, top, right, bottom inside the photo.

        The first of equally good places is taken: below, right, left, above,
        then in the corners of the box.
        """
        left, top, right, bottom = box.tolist()
        width, height = plate
        columns = (left, right - width, (left + right - width) // 2)
        rows = (top, bottom - height, (top + bottom - height) // 2)
        places = [
            *((x, bottom + pad) for x in columns),
            *((right + pad, y) for y in rows),
            *((left - pad - width, y) for y in rows),
            *((x, top - pad - height) for x in columns),
            *((x, y) for y in rows[:2][::-1] for x in columns[:2]),
        ]
        last = np.maximum(np.array(self._size) - plate, 0)
        corners = np.clip(np.array(places, int), 0, last)
        return np.hstack([corners, corners + plate])

    def _covered(
        self, places: np.ndarray, face: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return how many own points and others' points each place covers."""
        low = places[:, :2] - self._radius - 1
        high = places[:, 2:] + self._radius
        near = (self._points >= low.min(axis=0)).all(axis=1)
        near &= (self._points <= high.max(axis=0)).all(axis=1)
        points, own = self._points[near], self._faces[near] == face
        inside = (points >= low[:, None]) & (points <= high[:, None])
        covered = inside.all(axis=2)
        return covered[:, own].sum(axis=1), covered[:, ~own].sum(axis=1)


def _overlaps(places: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Return the areas (K, N) that K rectangles share with N others."""
    low = np.maximum(places[:, None, :2], boxes[None, :, :2])
    high = np.minimum(places[:, None, 2:], boxes[None, :, 2:])
    return np.maximum(high - low, 0).prod(axis=2)
