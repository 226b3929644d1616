"""Map the pixels of a photo to the head, by a fine mesh.

The skin is a texture of `HEIGHT` x `WIDTH` pixels around the head. The mesh
has a vertex at every second texel. `see` returns the place in the texture of
each pixel of the photo.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from facemtl.data.synthetic.head import (
    Head,
    View,
    azimuth,
    project,
    rotation,
    surface,
)

WIDTH, HEIGHT = 224, 192  # texels
COLUMNS, ROWS = WIDTH // 2, HEIGHT // 2  # vertices
AROUND = 2.3  # Radians of azimuth to each side.
EVEN = np.linspace(0.0, 1.0, ROWS, dtype=np.float32)
SHARES = (EVEN + (1.0 - np.cos(np.pi * EVEN)) / 2.0) / 2.0  # denser at the ends
TEXELS = np.linspace(0.0, HEIGHT - 1.0, ROWS)
ANGLES = np.linspace(-AROUND, AROUND, COLUMNS, dtype=np.float32)
CELLS = 72  # The head is first mapped to CELLS x CELLS, then enlarged.
HIDDEN = 0.22  # A vertex this far behind the nearest one is hidden.


class Wrap:
    """The map from places on the head to texels.

    Example:

    >>> from facemtl.data.synthetic.sample import people
    >>> wrap = Wrap(people(0, [0], 160).head.one(0))
    >>> float(wrap.texels(np.array([[0.0, 0.0]]))[0, 0])
    111.5
    """

    def __init__(self, head: Head) -> None:
        self.head = head
        self.rows = head.crown + (head.chin - head.crown) * SHARES

    def texels(self, places: np.ndarray) -> np.ndarray:
        """Convert (N, 2) `across`, `down` on the face to (N, 2) texels."""
        angles = azimuth(self.head, places[..., 0])
        return self.around(np.stack([angles, places[..., 1]], axis=-1))

    def around(self, places: np.ndarray) -> np.ndarray:
        """Convert (N, 2) azimuth in radians, `down` to (N, 2) texels."""
        column = (places[..., 0] / AROUND + 1.0) * (WIDTH - 1) / 2.0
        row = np.interp(places[..., 1], self.rows, TEXELS)
        return np.stack([column, row], axis=-1)

    def vertices(self) -> np.ndarray:
        """Return the bare skin in head coordinates, (3, ROWS, COLUMNS)."""
        skin = surface(self.head, ANGLES[None], self.rows[:, None])
        return np.ascontiguousarray(np.moveaxis(skin, -1, 0), np.float32)


def normals(vertices: np.ndarray) -> np.ndarray:
    """Return unit vectors out of the head, (3, ROWS, COLUMNS)."""
    along, below = np.empty_like(vertices), np.empty_like(vertices)
    np.subtract(vertices[:, :, 2:], vertices[:, :, :-2], out=along[:, :, 1:-1])
    along[:, :, 0], along[:, :, -1] = along[:, :, 1], along[:, :, -2]
    np.subtract(vertices[:, 2:], vertices[:, :-2], out=below[:, 1:-1])
    below[:, 0], below[:, -1] = below[:, 1], below[:, -2]
    out = np.empty_like(vertices)
    for i in range(3):
        j, k = (i + 1) % 3, (i + 2) % 3
        out[i] = along[j] * below[k] - along[k] * below[j]
    out /= np.sqrt(out[0] ** 2 + out[1] ** 2 + out[2] ** 2) + np.float32(1e-9)
    return out


@dataclass(frozen=True)
class Seen:
    """The place on the head of each pixel of a photo.

    Attributes:
        column, row: (size, size) float32, the texel of each pixel.
        cover: (size, size) uint8, how much of the pixel is head, of 255.
    """

    column: np.ndarray
    row: np.ndarray
    cover: np.ndarray


def see(
    view: View, vertices: np.ndarray, facing: np.ndarray, size: int
) -> Seen:
    """Map the pixels of a view to texels.

    Args:
        view: the view of one head.
        vertices, facing: (3, ROWS, COLUMNS), the surface and its normals.
        size: side of the photo in pixels.
    """
    front = rotation(view)[2].astype(np.float32) @ facing.reshape(3, -1)
    shown = np.flatnonzero(front > -0.1)
    pixels, depth = project(view, vertices.reshape(3, -1)[:, shown].T)
    places = (pixels + 0.5) * (CELLS / size) - 0.5
    np.clip(places, 0.0, CELLS - 1.01, out=places)
    open_ = in_front(places, depth, CELLS, HIDDEN)
    column, row, weight = _spread(places[open_], shown[open_])
    whole = np.where(weight > 0.12, np.uint8(255), np.uint8(0))
    whole = cv2.morphologyEx(whole, cv2.MORPH_CLOSE, np.ones((5, 5)))
    whole = _enlarge(cv2.blur(whole, (3, 3)), size)
    cover = np.clip(whole * np.float32(2.5) - 190, 0, 255).astype(np.uint8)
    return Seen(_enlarge(column, size), _enlarge(row, size), cover)


def _enlarge(field: np.ndarray, size: int) -> np.ndarray:
    return cv2.resize(field, (size, size))


def in_front(
    places: np.ndarray, depth: np.ndarray, cells: int, hidden: float
) -> np.ndarray:
    """Return which points have no other point in front of them.

    Args:
        places: (P, 2) in [0, cells - 1].
        depth: (P,); larger is nearer.
        cells: rows and columns of the grid in which points are compared.
        hidden: largest depth behind the nearest point.
    """
    column, row = (places + 0.5).astype(np.intp).T
    cell = row * cells + column
    front = np.full(cells * cells, -9.0, depth.dtype)
    np.maximum.at(front, cell, depth)
    front = cv2.dilate(front.reshape(cells, cells), np.ones((3, 3))).ravel()
    return depth > front[cell] - hidden


def _spread(
    places: np.ndarray, index: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the mean texel and the weight of each cell, from the vertices."""
    row, column = np.divmod(index, COLUMNS)
    corner = places.astype(np.intp)
    right, low = (places - corner).T
    cell = corner[:, 1] * CELLS + corner[:, 0]
    sums = np.zeros((3, CELLS * CELLS))
    for step, share in (
        (0, (1 - right) * (1 - low)),
        (1, right * (1 - low)),
        (CELLS, (1 - right) * low),
        (CELLS + 1, right * low),
    ):
        for total, value in zip(sums, (column, row, 1.0), strict=True):
            total += np.bincount(cell + step, share * value, CELLS * CELLS)
    column, row, weight = sums.astype(np.float32).reshape(3, CELLS, CELLS)
    return (
        _mean(column, weight) * ((WIDTH - 1) / (COLUMNS - 1)),
        _mean(row, weight) * ((HEIGHT - 1) / (ROWS - 1)),
        weight,
    )


def _mean(total: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return total / weight; a mean of neighbours if the weight is small."""
    around = (7, 7)
    fill = cv2.blur(total, around) / (cv2.blur(weight, around) + 1e-6)
    return (total + 0.05 * fill) / (weight + 0.05)
