"""Split long photos into tiles for detection, and join the detections.

Photos are shrunk for detection. Faces of long photos would become too small, so
these are searched in tiles as well, each at its own scale. Neighbouring tiles
overlap by the photo's width, so a face cut by one tile is whole in the next.
"""

from dataclasses import dataclass

import numpy as np

from facemtl.detection.same_faces import distinct

# Tiles are 2:1. From photos of 3:1 on, they increase the scale by half.
LONG, TILE = 3, 2
# YuNet detects almost no faces up to 10 pixels. From 500 pixels on, it misses
# many or detects parts of them; a search at 1024 pixels a side does not.
SMALLEST, LARGE, USUAL = 10, 500, 1024
EDGE = 0.1  # A face within this distance of a tile's edge, in widths, is cut.


@dataclass(frozen=True)
class Tile:
    """A part of a photo, and the longest side at which it is searched."""

    left: int
    top: int
    right: int
    bottom: int
    longest: int

    @property
    def scale(self) -> float:
        """Searched pixels per pixel of the photo."""
        size = max(self.right - self.left, self.bottom - self.top)
        return min(1.0, self.longest / size)

    @property
    def pixels(self) -> int:
        """Pixels of the photo in this part."""
        return (self.right - self.left) * (self.bottom - self.top)

    def of(self, photo: np.ndarray) -> np.ndarray:
        """Return the pixels of the part."""
        return photo[self.top : self.bottom, self.left : self.right]


def tiles(shape: tuple[int, ...], longest: int) -> list[Tile]:
    """Return the parts of a photo to search; the whole photo is the first.

    Args:
        shape: (H, W, ...) of the photo.
        longest: the longest side in pixels at which to search.

    Example:

    >>> [(tile.left, tile.right) for tile in tiles((500, 2000), 1024)]
    [(0, 2000), (0, 1024), (488, 1512), (976, 2000)]
    """
    height, width = shape[:2]
    long, short = max(shape[:2]), min(shape[:2])
    # Above the usual size, YuNet misses the largest faces.
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
    """Return the starts of tiles that overlap by at least `shared` pixels."""
    count = -(-(whole - shared) // (length - shared))
    starts = np.linspace(0, whole - length, count)
    return [int(start) for start in starts.round()]


def joined(
    parts: list[Tile], detected: list[np.ndarray], shape: tuple[int, ...]
) -> np.ndarray:
    """Join the rows of all parts and keep the best detection of each face.

    Args:
        parts: the parts of the photo.
        detected: YuNet's rows (N, 15) of each part, in pixels of the photo.
        shape: (H, W, ...) of the photo.

    Returns:
        (N, 15), whole faces first, then by score.
    """
    rows = np.concatenate(detected)
    worse = [np.zeros(len(detected[0]), bool)]  # The whole photo cuts no face.
    for part, some in zip(parts[1:], detected[1:], strict=True):
        large = some[:, 2:4].max(axis=1) * part.scale > LARGE
        worse.append(large | _cut(part, some, shape))
    boxes = np.concatenate([rows[:, :2], rows[:, :2] + rows[:, 2:4]], axis=1)
    return rows[distinct(boxes, rows[:, 14], np.concatenate(worse))]


def _cut(part: Tile, rows: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return (N,) whether faces touch a part's edge inside the photo."""
    low, high = rows[:, :2], rows[:, :2] + rows[:, 2:4]
    near = EDGE * rows[:, 2:4]
    inner_low = np.array([part.left, part.top]) > 0
    inner_high = np.array([part.right, part.bottom]) < (shape[1], shape[0])
    at_low = low - near < (part.left, part.top)
    at_high = high + near > (part.right, part.bottom)
    return ((at_low & inner_low) | (at_high & inner_high)).any(axis=1)
