"""Drawing of predicted faces on their photo."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np

from facemtl.arguments import checked_choice
from facemtl.inference.plates import Plates
from facemtl.inference.text import write_text

if TYPE_CHECKING:
    from facemtl.inference.face import Face

LIGHT, DARK, POINT = (255, 255, 255), (0, 0, 0), (0, 208, 255)
# Smaller photos are enlarged, so that text does not hide the faces.
LEAST = 480
FEW = 20  # Points that are drawn large.
LABELS = ("all", "short", "none")


def draw_faces(
    photo: np.ndarray,
    faces: "Sequence[Face]",
    titles: Sequence[str] = (),
    labels: str = "all",
) -> np.ndarray:
    """Return a copy of a photo with boxes, points and attributes.

    Lines are light with a dark rim, and text has a dark background, so that
    both are visible on any photo. Text covers no points of other faces: in a
    crowd it becomes smaller, then a title alone, then it is left out.

    Args:
        photo: (H, W, 3) uint8, RGB.
        faces: faces with points in photo pixels.
        titles: one line per face above its attributes, or empty.
        labels: `"all"`; `"short"`, one line of classes without their
            probabilities; or `"none"`, no text.

    Returns:
        (H, W, 3) uint8, RGB. A smaller photo is enlarged to 480 pixels along
        its longer side.

    Raises:
        InputError: for other labels.

    Example:

    >>> from facemtl.inference.face import Face
    >>> face = Face((10.0, 10.0, 40.0, 40.0), {"nose": (25.0, 25.0)})
    >>> draw_faces(np.zeros((50, 50, 3), np.uint8), [face]).shape
    (480, 480, 3)
    """
    checked_choice("labels", labels, LABELS)
    scale = max(1.0, LEAST / max(photo.shape[:2]))
    size = (round(photo.shape[1] * scale), round(photo.shape[0] * scale))
    drawn = cv2.resize(photo, size, interpolation=cv2.INTER_CUBIC)
    plates = _draw_places(drawn, faces, scale)
    for i, face in enumerate(faces if labels != "none" else ()):
        lines = [*titles[i : i + 1], *_lines(face, labels)]
        write_text(drawn, lines, plates, i, bool(titles) and len(faces) > 1)
    return drawn


def _draw_places(
    drawn: np.ndarray, faces: "Sequence[Face]", scale: float
) -> Plates:
    """Draw boxes and points; return the places that are free for text."""
    # Pixels count from 0 at the centre of the first, at both scales.
    boxes = np.array([face.box for face in faces]).reshape(-1, 4)
    boxes = np.rint((boxes + 0.5) * scale - 0.5).astype(int)
    points = [(face.array() + 0.5) * scale - 0.5 for face in faces]
    radii = [_radius(p, b) for p, b in zip(points, boxes, strict=True)]
    for box, some, radius in zip(boxes, points, radii, strict=True):
        _draw_box(drawn, box)
        _draw_points(drawn, some, radius)
    size = (drawn.shape[1], drawn.shape[0])
    return Plates(size, boxes, points, 1 + max(radii, default=0))


def _lines(face: "Face", labels: str) -> list[str]:
    return caption(face) if labels == "all" else [short_caption(face)]


def short_caption(face: "Face") -> str:
    """Return the classes in one line, such as `smile, male`.

    "yes" is written as the name of the task, and "no" is left out.
    """
    words = [
        task if x.name == "yes" else x.name
        for task, x in face.attributes.items()
        if x.name != "no"
    ]
    words += [f"{task} {x:.3g}" for task, x in face.values.items()]
    return ", ".join(words)


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


def _radius(points: np.ndarray, box: np.ndarray) -> int:
    """Return the radius of a face's dots; many would hide the face."""
    crowd = min(1.0, math.sqrt(FEW / max(len(points), 1)))
    least = 1 if len(points) > FEW else 2
    return max(least, round(crowd * (box[2] - box[0]) / 55))


def _draw_points(drawn: np.ndarray, points: np.ndarray, radius: int) -> None:
    for at in np.rint(points).astype(int).tolist():
        cv2.circle(drawn, at, radius + 1, DARK, -1, cv2.LINE_AA)
        cv2.circle(drawn, at, radius, POINT, -1, cv2.LINE_AA)
