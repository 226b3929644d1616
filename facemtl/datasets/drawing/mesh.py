"""Which part of the head each pixel shows: a fine mesh, seen by a camera.

The skin is a texture of `HEIGHT` x `WIDTH` pixels around the head; the mesh
has a vertex in every second texel. A view answers where in the texture each
pixel of the photo lies.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from facemtl.datasets.drawing.head import (
    Head,
    View,
    azimuth,
    project,
    rotation,
    surface,
)

WIDTH, HEIGHT = 256, 224  # texels
COLUMNS, ROWS = WIDTH // 2, HEIGHT // 2  # vertices
AROUND = 2.3  # radians of azimuth, to each side
EVEN = np.linspace(0.0, 1.0, ROWS, dtype=np.float32)
SHARES = (EVEN + (1.0 - np.cos(np.pi * EVEN)) / 2.0) / 2.0  # dense at the ends
TEXELS = np.linspace(0.0, HEIGHT - 1.0, ROWS)
ANGLES = np.linspace(-AROUND, AROUND, COLUMNS, dtype=np.float32)
CELLS = 80  # a photo is first seen at CELLS x CELLS
HIDDEN = 0.12  # this far behind what is in front, a vertex is hidden


class Wrap:
    """The texture's map: from places on the head to texels.

    Example:

    >>> from facemtl.datasets.drawing.sample import people
    >>> wrap = Wrap(people(0, [0], 160).head.one(0))
    >>> wrap.texels(np.array([[0.0, 0.0]])).round(1)[0, 0]
    np.float64(127.5)
    """

    def __init__(self, head: Head) -> None:
        self.head = head
        self.rows = head.crown + (head.chin - head.crown) * SHARES

    def texels(self, places: np.ndarray) -> np.ndarray:
        """(N, 2) `across`, `down` on the face -> (N, 2) texels."""
        angles = azimuth(self.head, places[..., 0])
        return self.around(np.stack([angles, places[..., 1]], axis=-1))

    def around(self, places: np.ndarray) -> np.ndarray:
        """(N, 2) azimuth in radians, `down` -> (N, 2) texels."""
        column = (places[..., 0] / AROUND + 1.0) * (WIDTH - 1) / 2.0
        row = np.interp(places[..., 1], self.rows, TEXELS)
        return np.stack([column, row], axis=-1)

    def vertices(self) -> np.ndarray:
        """(ROWS, COLUMNS, 3) float32: the bare skin in head coordinates."""
        return surface(self.head, ANGLES[None], self.rows[:, None])


def normals(vertices: np.ndarray) -> np.ndarray:
    """(ROWS, COLUMNS, 3) unit vectors, pointing out of the head."""
    along = np.empty_like(vertices)
    along[:, 1:-1] = vertices[:, 2:] - vertices[:, :-2]
    along[:, 0], along[:, -1] = along[:, 1], along[:, -2]
    below = np.empty_like(vertices)
    below[1:-1] = vertices[2:] - vertices[:-2]
    below[0], below[-1] = below[1], below[-2]
    out = np.empty_like(vertices)
    for i in range(3):
        j, k = (i + 1) % 3, (i + 2) % 3
        out[..., i] = along[..., j] * below[..., k]
        out[..., i] -= along[..., k] * below[..., j]
    length = np.sqrt(np.einsum("ijk,ijk->ij", out, out)) + 1e-9
    return out / length[..., None]


@dataclass(frozen=True)
class Seen:
    """The photo's pixels on the head.

    Attributes:
        column, row: (size, size) float32: the texel that each pixel shows.
        cover: (size, size) uint8: how much of it is head, of 255.
    """

    column: np.ndarray
    row: np.ndarray
    cover: np.ndarray


def see(
    view: View, vertices: np.ndarray, facing: np.ndarray, size: int
) -> Seen:
    """The head as this view shows it.

    Args:
        view: of one head.
        vertices, facing: (ROWS, COLUMNS, 3), the surface and its normals.
        size: the photo's side in pixels.
    """
    pixels, depth = project(view, vertices.reshape(-1, 3))
    front = (facing @ rotation(view)[2].astype(np.float32)).ravel()
    places = (pixels + 0.5) * (CELLS / size) - 0.5
    inside = (places > 0.0).all(1) & (places < CELLS - 1.01).all(1)
    shown = np.flatnonzero(inside & (front > -0.1))
    shown = shown[_nearest(places[shown], depth[shown])]
    column, row, weight = _spread(places[shown], shown)
    whole = np.where(weight > 0.12, np.uint8(255), np.uint8(0))
    whole = cv2.morphologyEx(whole, cv2.MORPH_CLOSE, np.ones((5, 5)))
    cover = cv2.resize(whole, (size, size)).astype(np.int16)
    cover = np.clip(cover * 2 - 150, 0, 255).astype(np.uint8)
    return Seen(_enlarge(column, size), _enlarge(row, size), cover)


def _enlarge(field: np.ndarray, size: int) -> np.ndarray:
    return cv2.resize(field, (size, size))


def _nearest(places: np.ndarray, depth: np.ndarray) -> np.ndarray:
    """Which vertices have nothing in front of them in their cell."""
    cell = (places + 0.5).astype(np.intp) @ np.array([1, CELLS])
    front = np.full(CELLS * CELLS, -9.0)
    np.maximum.at(front, cell, depth)
    front = cv2.dilate(front.reshape(CELLS, CELLS), np.ones((3, 3))).ravel()
    return depth > front[cell] - HIDDEN - 0.1


def _spread(
    places: np.ndarray, index: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Vertices -> cells: the mean texel and the weight of each cell."""
    row, column = np.divmod(index, COLUMNS)
    corner = places.astype(np.intp)
    right, low = (places - corner).T
    cell = corner @ np.array([1, CELLS])
    cells = np.concatenate([cell, cell + 1, cell + CELLS, cell + CELLS + 1])
    shares = np.concatenate(
        [
            (1 - right) * (1 - low),
            right * (1 - low),
            (1 - right) * low,
            right * low,
        ]
    )
    sums = [
        np.bincount(cells, shares * np.tile(value, 4), CELLS * CELLS)
        for value in (column, row, np.ones(len(index)))
    ]
    column, row, weight = np.float32(sums).reshape(3, CELLS, CELLS)
    return (
        _mean(column, weight) * ((WIDTH - 1) / (COLUMNS - 1)),
        _mean(row, weight) * ((HEIGHT - 1) / (ROWS - 1)),
        weight,
    )


def _mean(total: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """total / weight; where the weight is small, a mean of the neighbours."""
    around = (7, 7)
    fill = cv2.blur(total, around) / (cv2.blur(weight, around) + 1e-6)
    return (total + 0.05 * fill) / (weight + 0.05)
