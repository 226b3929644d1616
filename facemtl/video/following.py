"""Follow faces from frame to frame, and search for faces only now and then."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from facemtl.arguments import checked_count
from facemtl.detection.same_faces import overlap
from facemtl.geometry.box_convention import PointConvention
from facemtl.inference.face import Face
from facemtl.inference.predictor import Predictor
from facemtl.photos.photo import Photo, as_rgb
from facemtl.tasks import landmarks_task
from facemtl.video.settings import EVERY

# A followed face is lost below this probability of a face, or if its box
# overlaps that of the frame before by less (intersection over union).
LEAST_CONFIDENCE = 0.5
LEAST_OVERLAP = 0.5
# Two boxes with this overlap have become one face.
SAME_FACE = 0.5


class FaceFollower:
    """Predicts the faces of successive frames.

    Between two searches, the box of a face is computed from its points in the
    frame before, which takes a tenth of a search. The frame is searched at once
    if a face is lost or none is known, so that only a further face may appear
    up to `every - 1` frames late. A network without a box convention for
    points cannot follow faces; then every frame is searched.

    Args:
        predictor: predicts the faces.
        every: frames from one search to the next; 1 searches every frame.

    Raises:
        InputError: for anything but an integer >= 1.

    Example:

    >>> follow = FaceFollower(Predictor.load("tiny"))
    >>> frames = np.zeros((3, 90, 160, 3), np.uint8)  # of a camera or a film
    >>> [len(follow(frame)) for frame in frames]
    [0, 0, 0]
    """

    def __init__(self, predictor: Predictor, every: int = EVERY) -> None:
        self.every = checked_count("every", every)
        self._predictor = predictor
        self._known: list[Face] = []
        self._age = 0
        network = predictor.network
        task = landmarks_task(network.tasks)
        boxes = network.box_convention
        self._points = 0 if task is None else len(task.names)
        self._convention = boxes.points if boxes and self._points else None

    def __call__(self, frame: Photo) -> list[Face]:
        """Return the faces of the next frame.

        Args:
            frame: see `facemtl.Predictor`.

        Raises:
            InputError: for an invalid frame.
        """
        pixels = as_rgb(frame)
        self._age += 1
        faces = self._followed(pixels) if self._age < self.every else None
        if faces is None:
            faces, self._age = list(self._predictor(pixels)), 0
        self._known = faces
        return faces

    def _followed(self, pixels: np.ndarray) -> list[Face] | None:
        """Return the known faces; None if one is lost or none is known."""
        if not self._known or self._convention is None:
            return None
        before = self._boxes(self._known, self._convention)
        if not _in_frame(before, pixels.shape):
            return None
        faces = [
            replace(face, score=known.score)
            for face, known in zip(
                self._predictor(pixels, before), self._known, strict=True
            )
        ]
        after = self._boxes(faces, self._convention)
        return None if _any_lost(faces, before, after) else faces

    def _boxes(
        self, faces: Sequence[Face], convention: PointConvention
    ) -> np.ndarray:
        """Return the boxes (N, 4) around the points of faces."""
        points = [face.array()[: self._points] for face in faces]
        return np.array([box_around(some, convention) for some in points])


def box_around(
    points: np.ndarray, convention: PointConvention
) -> tuple[float, float, float, float]:
    """Return the box of a convention around points.

    Args:
        points: (P, 2) x, y in pixels.
        convention: convention of the boxes.

    Returns:
        left, top, right, bottom in pixels.
    """
    z = points[:, 0] + 1j * points[:, 1]
    middle = z.mean()
    centre = middle + (z - middle) @ np.array(convention.middle)
    half = abs((z - middle) @ np.array(convention.side)) / 2
    left, top = centre.real - half, centre.imag - half
    return left, top, centre.real + half, centre.imag + half


def _in_frame(boxes: np.ndarray, shape: Sequence[int]) -> bool:
    """Return whether all boxes have a side, and their centre in the frame."""
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    inside = (centres > 0) & (centres < [shape[1], shape[0]])
    return bool(inside.all() and (boxes[:, 2] - boxes[:, 0] > 1).all())


def _any_lost(
    faces: Sequence[Face], before: np.ndarray, after: np.ndarray
) -> bool:
    """Return whether a face is no face, has jumped, or two are the same."""
    for i, face in enumerate(faces):
        unsure = (
            face.confidence is not None and face.confidence < LEAST_CONFIDENCE
        )
        jumped = overlap(before[i], after[i]) < LEAST_OVERLAP
        merged = (overlap(after[i], after[:i]) > SAME_FACE).any()
        if unsure or jumped or merged:
            return True
    return False
