"""Drawing of predicted faces on their photo."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np

from facemtl.words import printable

if TYPE_CHECKING:
    from facemtl.inference.face import Face

LIGHT, DARK, POINT = (255, 255, 255), (0, 0, 0), (0, 208, 255)
FONT = cv2.FONT_HERSHEY_SIMPLEX
# Smaller photos are enlarged, so that text does not hide the faces.
LEAST = 480
FEW = 20  # Points that are drawn large.


def draw_faces(
    photo: np.ndarray, faces: "Sequence[Face]", titles: Sequence[str] = ()
) -> np.ndarray:
    """Return a copy of a photo with boxes, points and attributes.

    Lines are light with a dark rim, and text has a dark background, so that
    both are visible on any photo.

    Args:
        photo: (H, W, 3) uint8, RGB.
        faces: faces with points in photo pixels.
        titles: one line per face above its attributes, or empty.

    Returns:
        (H, W, 3) uint8, RGB. A smaller photo is enlarged to 480 pixels along
        its longer side.

    Example:

    >>> from facemtl.inference.face import Face
    >>> face = Face((10.0, 10.0, 40.0, 40.0), {"nose": (25.0, 25.0)})
    >>> draw_faces(np.zeros((50, 50, 3), np.uint8), [face]).shape
    (480, 480, 3)
    """
    scale = max(1.0, LEAST / max(photo.shape[:2]))
    size = (round(photo.shape[1] * scale), round(photo.shape[0] * scale))
    drawn = cv2.resize(photo, size, interpolation=cv2.INTER_CUBIC)
    for i, face in enumerate(faces):
        # Pixels count from 0 at the centre of the first, at both scales.
        box = np.rint((np.array(face.box) + 0.5) * scale - 0.5).astype(int)
        points = np.array([*face.points.values()]).reshape(-1, 2)
        _draw_box(drawn, box)
        _draw_points(drawn, (points + 0.5) * scale - 0.5, box[2] - box[0])
        _write(drawn, [*titles[i : i + 1], *caption(face)], box)
    return drawn


def caption(face: "Face") -> list[str]:
    """Return one line per task, such as `smile: yes 98 %`."""
    lines = [
        f"{task}: {x.name} {100 * x.probability:.0f} %"
        for task, x in face.attributes.items()
    ]
    return lines + [f"{task}: {x:.3g}" for task, x in face.values.items()]


def _draw_box(drawn: np.ndarray, box: np.ndarray) -> None:
    width = max(1, int(box[2] - box[0]) // 120)
    corners = box[:2].tolist(), box[2:].tolist()
    cv2.rectangle(drawn, *corners, DARK, width + 2, cv2.LINE_AA)
    cv2.rectangle(drawn, *corners, LIGHT, width, cv2.LINE_AA)


def _draw_points(drawn: np.ndarray, points: np.ndarray, side: int) -> None:
    # Many points would hide the face.
    crowd = min(1.0, math.sqrt(FEW / max(len(points), 1)))
    radius = max(1 if len(points) > FEW else 2, round(crowd * side / 55))
    for at in np.rint(points).astype(int).tolist():
        cv2.circle(drawn, at, radius + 1, DARK, -1, cv2.LINE_AA)
        cv2.circle(drawn, at, radius, POINT, -1, cv2.LINE_AA)


def _write(drawn: np.ndarray, lines: list[str], box: np.ndarray) -> None:
    """Draw lines of text on a dark background next to a box."""
    if not lines:
        return
    # OpenCV ends the process for half of a surrogate pair.
    lines = [printable(line) for line in lines]
    scale = float(np.clip((box[2] - box[0]) / 450, 0.38, 1.2))
    thick = max(1, round(scale * 1.4))
    sizes = [cv2.getTextSize(line, FONT, scale, thick)[0] for line in lines]
    step = round(1.6 * max(height for _, height in sizes))
    pad = step // 3
    plate = (max(w for w, _ in sizes) + 2 * pad, step * len(lines) + pad)
    x, y = _place(box, plate, pad, (drawn.shape[1], drawn.shape[0]))
    part = drawn[y : y + plate[1], x : x + plate[0]]
    part[:] = (0.3 * part).astype(np.uint8)
    for i, line in enumerate(lines, 1):
        at = (x + pad, y + step * i - pad // 2)
        cv2.putText(drawn, line, at, FONT, scale, LIGHT, thick, cv2.LINE_AA)


def _place(
    box: np.ndarray, plate: tuple[int, int], pad: int, size: tuple[int, int]
) -> tuple[int, int]:
    """Return left and top of a plate that lies outside the box.

    Below, right, left and above are tried in this order; the last choice is
    the bottom of the photo.
    """
    left, top, right, bottom = box.tolist()
    last = (max(0, size[0] - plate[0]), max(0, size[1] - plate[1]))

    def inside(x: int, y: int) -> tuple[int, int]:
        return min(max(x, 0), last[0]), min(max(y, 0), last[1])

    if bottom + pad <= last[1]:
        return inside(left, bottom + pad)
    if right + pad <= last[0]:
        return inside(right + pad, top)
    if left - pad - plate[0] >= 0:
        return left - pad - plate[0], inside(0, top)[1]
    if top - pad - plate[1] >= 0:
        return inside(left, top - pad - plate[1])
    return inside(left, last[1])
