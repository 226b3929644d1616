"""The head as a surface in 3-D, and its projection into a photo.

Head coordinates: x points to the image's right, y down, z towards the camera.
The eyes lie at y = 0, and the head turns about the axis x = z = 0. One unit is
the eye distance of a median head. A place on the surface has two coordinates:
`across` is its x at the head's widest level (so `across / width` is the sine
of its azimuth), and `down` is its y.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np

WIDEST = -0.4  # `down` of the head's widest level
FACE_CENTRE = (0.0, 0.5, 1.07)  # the centre of a detector's box
REFERENCE_Z = 1.3  # depth of `View.scale`, about that of the eyes

Number = Any  # A float of one face, or an (N,) float64 array of N faces.


class Group:
    """Parameters of N faces, one array per field."""

    def one(self, i: int) -> Self:
        """Return face `i`, with Python numbers as fields."""
        return self._apply(lambda value: value[i].item())

    def columns(self) -> Self:
        """Return (N, 1) fields that broadcast against (N, P) places."""
        return self._apply(lambda value: value[:, None])

    def _apply(self, change: Callable[[np.ndarray], Any]) -> Self:
        values = (getattr(self, item.name) for item in fields(self))  # type: ignore[arg-type]
        return type(self)(*map(change, values))


@dataclass(frozen=True)
class Head(Group):
    """The shape of a head, in eye distances."""

    width: Number
    depth: Number
    crown: Number
    chin: Number
    jaw: Number
    eye: Number
    socket: Number
    brow: Number
    brow_ridge: Number
    nose: Number
    nose_height: Number
    nose_width: Number
    cheek: Number
    mouth: Number
    mouth_width: Number
    corner_left: Number
    corner_right: Number
    lips: Number
    smile: Number
    open: Number
    gaze_x: Number
    gaze_y: Number


@dataclass(frozen=True)
class View(Group):
    """Pose (radians), camera distance and place in the photo (pixels).

    `scale` is pixels per unit; (`centre_x`, `centre_y`) is the position of the
    face's centre in the photo.
    """

    yaw: Number
    pitch: Number
    roll: Number
    distance: Number
    scale: Number
    centre_x: Number
    centre_y: Number


def azimuth(head: Head, across: np.ndarray) -> np.ndarray:
    """Return the angle of `across` about the head's axis, in radians."""
    return np.arcsin(np.clip(across / head.width, -1.0, 1.0))


def surface(head: Head, angle: np.ndarray, down: np.ndarray) -> np.ndarray:
    """Convert places on the skin to (..., 3) head coordinates.

    Args:
        head: scalars, or arrays that broadcast against the places.
        angle: azimuth in radians, 0 at the nose, positive to the right.
        down: y, between `head.crown` and `head.chin`.
    """
    above = down < WIDEST
    end: Any = np.where(above, head.crown, head.chin)
    along = np.clip((down - WIDEST) / (end - WIDEST), 0.0, 1.0)
    side = np.sqrt(1.0 - along ** np.where(above, 2.4, head.jaw))
    front = np.sqrt(1.0 - along ** np.where(above, 2.6, 11.0))
    sine, cosine = np.sin(angle), np.cos(angle)
    relief = _relief(head, head.width * sine, down) * (cosine > 0.0)
    reach = np.where(cosine > 0.0, head.depth * front, 1.35 * side)
    x = head.width * side * sine + relief * sine
    z = reach * cosine + relief * cosine
    return np.stack(np.broadcast_arrays(x, down, z), axis=-1)


def _bump(
    place: np.ndarray, centre: np.ndarray | float, spread: np.ndarray | float
) -> np.ndarray:
    return np.exp(-(((place - centre) / spread) ** 2))


def _relief(head: Head, across: np.ndarray, down: np.ndarray) -> np.ndarray:
    """Return the height of facial features above the egg-shaped head."""
    off = np.abs(across)
    sockets = -head.socket * _bump(off, 0.88 * head.eye, 0.26) * _bump(
        down, -0.03, 0.16
    ) - 0.05 * _bump(off, 0.24, 0.1) * _bump(down, -0.02, 0.13)
    balls = 0.06 * _bump(off, head.eye, 0.15) * _bump(down, 0.0, 0.1)
    brows = (
        head.brow_ridge
        * _bump(off, 0.4, 0.36)
        * _bump(down, head.brow + 0.02, 0.11)
    )
    lift = 0.06 * head.smile
    cheeks = head.cheek * _bump(off, 0.6, 0.24) * _bump(
        down, 0.52 - lift, 0.22
    ) - (0.03 + lift / 2) * _bump(off, 0.5, 0.1) * _bump(down, 0.85, 0.16)
    return (
        sockets
        + balls
        + brows
        + cheeks
        + _nose(head, across, down)
        + _lower_face(head, across, down)
    )


def _nose(head: Head, across: np.ndarray, down: np.ndarray) -> np.ndarray:
    root = -0.1
    along = np.clip((down - root) / (head.nose - root), 0.0, 1.0)
    profile = (0.15 + 0.85 * along**1.3) * np.where(
        down < root,
        _bump(down, root, 0.16),
        np.where(down < head.nose, 1.0, _bump(down, head.nose, 0.11)),
    )
    ridge = profile * _bump(across, 0.0, head.nose_width * (0.4 + 0.32 * along))
    tip = 0.12 * _bump(across, 0.0, 0.5 * head.nose_width)
    wings = 0.4 * _bump(np.abs(across), 0.72 * head.nose_width, 0.08)
    return head.nose_height * (
        ridge
        + tip * _bump(down, head.nose, 0.1)
        + wings * _bump(down, head.nose + 0.05, 0.09)
    )


def _lower_face(head: Head, across: np.ndarray, down: np.ndarray) -> np.ndarray:
    lower = head.mouth + head.open
    return (
        0.07 * _bump(across, 0.0, 0.5) * _bump(down, head.mouth, 0.34)
        + head.lips
        * _bump(across, 0.0, 0.34)
        * _bump(down, head.mouth - 0.07, 0.07)
        + head.lips * _bump(across, 0.0, 0.3) * _bump(down, lower + 0.1, 0.08)
        - 0.06 * _bump(across, 0.0, 0.32) * _bump(down, lower + 0.26, 0.09)
        + 0.12 * _bump(across, 0.0, 0.3) * _bump(down, head.chin - 0.26, 0.17)
    )


def landmark_places(head: Head) -> tuple[np.ndarray, np.ndarray]:
    """Return the places of the five points: `across` and `down`, (N, 5) each.

    Args:
        head: N heads, with (N,) fields.
    """
    left = head.gaze_x - head.eye
    right = head.gaze_x + head.eye
    across = [left, right, 0 * left, -head.mouth_width, head.mouth_width]
    down = [
        head.gaze_y,
        head.gaze_y,
        head.nose,
        head.corner_left,
        head.corner_right,
    ]
    return np.stack(across, axis=-1), np.stack(down, axis=-1)


def landmarks(head: Head) -> np.ndarray:
    """Return the five points of N heads in head coordinates, (N, 5, 3)."""
    across, down = landmark_places(head)
    head = head.columns()
    return surface(head, azimuth(head, across), down)


def rotation(view: View) -> np.ndarray:
    """Return (..., 3, 3): yaw, then pitch (down), then roll (clockwise)."""
    (a, b, c), (d, e, f) = (
        [fn(angle) for angle in (view.yaw, view.pitch, view.roll)]
        for fn in (np.cos, np.sin)
    )
    rows = [
        [c * a + f * e * d, -f * b, c * d - f * e * a],
        [f * a - c * e * d, c * b, f * d + c * e * a],
        [-b * d, -e, b * a],
    ]
    return np.moveaxis(np.array(rows), (0, 1), (-2, -1))


def project(
    view: View, points: np.ndarray, turn: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Project points into the photo.

    Args:
        view: with scalar fields for one head, (N,) for N heads.
        points: (P, 3) or (N, P, 3), in head coordinates.
        turn: (3, 3) rotation that replaces the view's, for objects that do not
            turn with the head.

    Returns:
        (..., P, 2) float64 pixels, and (..., P) depth; larger is nearer.
    """
    own = rotation(view)
    turn = own if turn is None else turn
    centre = own @ np.array(FACE_CENTRE)
    moved = points @ np.swapaxes(turn, -1, -2).astype(points.dtype)
    many = np.ndim(view.yaw) > 0
    view = View.columns(view) if many else view
    centre = centre[:, None] if many else centre
    middle = np.stack([view.centre_x, view.centre_y], axis=-1)
    middle = (middle - _flat(view, centre)).astype(points.dtype)
    return _flat(view, moved) + middle, moved[..., 2]


def _flat(view: View, moved: np.ndarray) -> np.ndarray:
    """Project points in perspective to pixels."""
    near = view.scale * (view.distance - REFERENCE_Z)
    size = near / (view.distance - moved[..., 2])
    return moved[..., :2] * np.asarray(size)[..., None]
