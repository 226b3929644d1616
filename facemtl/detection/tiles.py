"""What parts of a photo are searched, and how their detections are joined.

A photo is shrunk before it is searched. A long one would lose its faces, so it
is searched in tiles as well, each shrunk by itself. They share as much with
their neighbours as the photo is wide: a face that one tile cuts is whole in
the next.
"""

from dataclasses import dataclass

import numpy as np

from facemtl.detection.same_faces import distinct

# Tiles are twice as long as wide: from 3 : 1 on, they show half as much again.
LONG, TILE = 3, 2
# YuNet detects nearly no faces of 10 pixels or fewer. From 500 on it misses
# many, or takes a part for the whole; a search at 1024 pixels a side does not.
SMALLEST, LARGE, USUAL = 10, 500, 1024
EDGE = 0.1  # So near the edge of a tile, in widths of its box, a face is cut.


@dataclass(frozen=True)
class Tile:
    """A part of a photo, and the pixels a side at which it is searched."""

    left: int
    top: int
    right: int
    bottom: int
    longest: int

    @property
    def scale(self) -> float:
        """Searched pixels a pixel of the photo."""
        size = max(self.right - self.left, self.bottom - self.top)
        return min(1.0, self.longest / size)

    def of(self, photo: np.ndarray) -> np.ndarray:
        """The pixels of the part."""
        return photo[self.top : self.bottom, self.left : self.right]


def tiles(shape: tuple[int, ...], longest: int) -> list[Tile]:
    """The parts of a photo to search; the whole photo is the first.

    Args:
        shape: (H, W, ...) of the photo.
        longest: how many pixels a side to search.

    Example:

    >>> [(tile.left, tile.right) for tile in tiles((500, 2000), 1024)]
    [(0, 2000), (0, 1024), (488, 1512), (976, 2000)]
    """
    height, width = shape[:2]
    long, short = max(shape[:2]), min(shape[:2])
    # At more than the usual size, some faces are too large for YuNet.
    parts = [Tile(0, 0, width, height, min(longest, USUAL))]
    if long > max(longest, LONG * short) and short >= SMALLEST:
        length = max(longest, TILE * short)
        for start in _starts(long, length, short):
            place = (start, 0, start + length, height)
            if height > width:
                place = (0, start, width, start + length)
            parts.append(Tile(*place, longest))
    elif min(longest, long) > USUAL:
        parts.append(Tile(0, 0, width, height, longest))
    return parts


def _starts(whole: int, length: int, shared: int) -> list[int]:
    """Where tiles begin that share at least so many pixels."""
    count = -(-(whole - shared) // (length - shared))
    starts = np.linspace(0, whole - length, count)
    return [int(start) for start in starts.round()]


def joined(
    parts: list[Tile], detected: list[np.ndarray], shape: tuple[int, ...]
) -> np.ndarray:
    """The rows of all parts, each face once, from where it shows best.

    Args:
        parts: of the photo.
        detected: for each its rows (N, 15) as of YuNet, in pixels of the photo.
        shape: (H, W, ...) of the photo.

    Returns:
        (N, 15), those of whole faces first, then by score.
    """
    rows = np.concatenate(detected)
    worse = [np.zeros(len(detected[0]), bool)]  # The whole photo cuts no face.
    for part, some in zip(parts[1:], detected[1:], strict=True):
        large = some[:, 2:4].max(axis=1) * part.scale > LARGE
        worse.append(large | _cut(part, some, shape))
    boxes = np.concatenate([rows[:, :2], rows[:, :2] + rows[:, 2:4]], axis=1)
    return rows[distinct(boxes, rows[:, 14], np.concatenate(worse))]


def _cut(part: Tile, rows: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """(N,) whether faces lie on an edge of the part within the photo."""
    low, high = rows[:, :2], rows[:, :2] + rows[:, 2:4]
    near = EDGE * rows[:, 2:4]
    inner_low = np.array([part.left, part.top]) > 0
    inner_high = np.array([part.right, part.bottom]) < (shape[1], shape[0])
    at_low = low - near < (part.left, part.top)
    at_high = high + near > (part.right, part.bottom)
    return ((at_low & inner_low) | (at_high & inner_high)).any(axis=1)
