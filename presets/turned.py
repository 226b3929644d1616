"""Rotated faces: photos rotated about the centre of the face box."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from facemtl.data.faces import Faces
from facemtl.photos.images import Images


def turned(faces: Faces, degrees: float) -> Faces:
    """Rotate the photos of faces, every second one in the other direction.

    Args:
        faces: N faces, one per photo, with `landmarks`.
        degrees: rotation of the first face, counterclockwise.

    Example:

    >>> from facemtl import synthetic_faces
    >>> faces = synthetic_faces(2, seed=0)
    >>> eyes = turned(faces, 90).labels["landmarks"][0, :2]
    >>> bool(eyes[0, 1] > eyes[1, 1])  # the image's left eye is below
    True
    """
    middles = (faces.boxes[:, :2] + faces.boxes[:, 2:]) / 2
    signs = np.where(np.arange(len(faces)) % 2, -1, 1)
    turns = np.array(
        [
            cv2.getRotationMatrix2D(tuple(middle), sign * degrees, 1)
            for middle, sign in zip(middles, signs, strict=True)
        ]
    )
    points = faces.labels["landmarks"]
    moved = points @ turns[:, :, :2].transpose(0, 2, 1) + turns[:, None, :, 2]
    by_name = dict(zip(faces.names.tolist(), turns, strict=True))
    return replace(
        faces,
        images=TurnedImages(faces.images, by_name),
        labels={**faces.labels, "landmarks": moved},
    )


@dataclass(frozen=True)
class TurnedImages:
    """Photos rotated by one (2, 3) matrix each; edges are repeated."""

    images: Images
    turns: dict[str, np.ndarray]

    def read(self, name: str) -> np.ndarray:
        """Return (H, W, 3) uint8, RGB, in the original size."""
        photo = self.images.read(name)
        size = photo.shape[1::-1]
        turn = self.turns[name]
        return cv2.warpAffine(
            photo, turn, size, borderMode=cv2.BORDER_REPLICATE
        )

    def stamp(self, name: str) -> str:
        """Return a text that changes with the photo or its rotation."""
        return f"{self.images.stamp(name)} {self.turns[name].tolist()}"
