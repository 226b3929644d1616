"""Detect faces with YuNet.

A network predicts best in boxes like those of its training faces. The box
convention stored with the network converts YuNet's boxes to such boxes.
"""

import copy
from typing import Protocol

import cv2
import numpy as np

from facemtl.arguments import checked_count, checked_flag
from facemtl.detection.boxes import detector_boxes
from facemtl.detection.found import Found
from facemtl.detection.same_faces import distinct, overlap
from facemtl.detection.settings import (
    LEAST,
    LONGEST,
    SCORE,
    checked_longest,
    checked_score,
)
from facemtl.detection.tiles import joined, tiles
from facemtl.detection.turn_candidates import CANDIDATE
from facemtl.detection.turn_network import TurnNetwork
from facemtl.detection.turned_faces import turned_faces
from facemtl.detection.yunet import YuNet, move_rows
from facemtl.errors import InputError
from facemtl.geometry.box_convention import DetectorConvention
from facemtl.photos.photo import Photo, as_rgb
from facemtl.process.forks import PerProcess

__all__ = [
    "Detector",
    "FaceDetector",
    "overlap",
]

MOST_THREADS = 4  # By default.


class Detector(Protocol):
    """A callable that detects faces."""

    def __call__(self, photo: np.ndarray) -> Found:
        """Detect the faces in a photo (H, W, 3), uint8, RGB."""
        ...


class FaceDetector:
    """Detects faces with YuNet and returns boxes for a network.

    Threads may share it. Each process has its own YuNet.

    A photo more than three times as long as wide (a panorama) is also searched
    in overlapping tiles, because its faces would become too small otherwise.

    Args:
        score: the lowest score of a face, 0 to 1.
        longest: the longest side in pixels at which photos, and tiles of
            panoramas, are searched, 33 to 8192. Larger values detect smaller
            faces (of about 15 pixels at that size), but large photos take
            longer: 4096 takes up to 20 times as long as 1024, and 1.3 GB of
            memory.
        turned: whether to detect faces that lie on their side or are upside
            down, too. Takes longer, most in photos of less than 300 pixels a
            side and where many faces are turned. Its network is for research
            only.
        convention: position and size of the boxes. A `Predictor` sets its
            network's convention by default. Without a convention, a box is the
            mean of YuNet's box and of the square around its points.
        max_faces: how many faces of a photo are kept at most, the largest;
            None for all.
        threads: threads of one search; by default OpenCV's number
            (`cv2.getNumThreads`), at most 4.

    Raises:
        InputError: for invalid arguments, or without LiteRT.

    Example:

    >>> FaceDetector(longest=2048)(np.zeros((90, 4000, 3), np.uint8)).boxes
    array([], shape=(0, 4), dtype=float64)
    """

    def __init__(
        self,
        score: float = SCORE,
        longest: int = LONGEST,
        turned: bool = False,
        convention: DetectorConvention | None = None,
        max_faces: int | None = None,
        threads: int | None = None,
    ) -> None:
        self.score = checked_score(score)
        self.longest = checked_longest(longest)
        self.turned = checked_flag("turned", turned)
        if not isinstance(convention, DetectorConvention | None):
            raise InputError(
                "Expected convention as a DetectorConvention. "
                f"Received: {convention!r}."
            )
        self.convention = convention
        self.max_faces = (
            None if max_faces is None else checked_count("max_faces", max_faces)
        )
        if threads is None:
            threads = min(MOST_THREADS, cv2.getNumThreads())
        self.threads = checked_count("threads", threads)
        self._yunet = PerProcess(YuNet, self.threads)
        if self.turned:
            self._turns = PerProcess(TurnNetwork, self.threads)

    def following(self, convention: DetectorConvention) -> "FaceDetector":
        """Return this detector, with a convention if it has none yet."""
        if self.convention is not None:
            return self
        same = copy.copy(self)
        same.convention = convention
        return same

    def __call__(self, photo: Photo) -> Found:
        """Detect the faces in a photo; `as_rgb` lists the accepted kinds."""
        photo = as_rgb(photo)
        if self.turned:
            found = self._in_all_turns(photo)
        else:
            rows = self.rows(photo)
            found = self._found(rows, np.zeros(len(rows), int))
        best = _best_turns(found, photo.shape)
        return _largest_first(best, self.max_faces)

    def rows(self, photo: np.ndarray) -> np.ndarray:
        """Return YuNet's detections in an upright photo.

        Args:
            photo: (H, W, 3), uint8, RGB.

        Returns:
            (N, 15): left, top, width, height and five points in pixels, score.

        Raises:
            InputError: if there is not enough memory.
        """
        return self._rows(photo, self.score)

    def searches_half(self, shape: tuple[int, ...]) -> bool:
        """Return whether half of a photo with this shape suffices.

        A photo that is searched in tiles has faces too small for that.
        """
        parts = tiles(shape, self.longest)
        return len(parts) == 1 and parts[0].scale <= 0.5

    def _in_all_turns(self, photo: np.ndarray) -> Found:
        """Return the faces of all four quarter turns."""
        rows = self._rows(photo, min(CANDIDATE, self.score))
        network = self._turns.get()
        others, turns = turned_faces(photo, rows, network, self._detect)
        upright = rows[rows[:, 14] >= self.score]
        return self._found(
            np.concatenate([upright, others]),
            np.concatenate([np.zeros(len(upright), int), turns]),
        )

    def _found(self, rows: np.ndarray, turns: np.ndarray) -> Found:
        """Return rows in pixels of `np.rot90(photo, turn)` as faces."""
        boxes = detector_boxes(rows, self.convention or DetectorConvention())
        return Found(boxes, rows[:, 14], turns)

    def _rows(self, photo: np.ndarray, score: float) -> np.ndarray:
        """Return the rows with a lowest score, of all tiles of a photo."""
        parts = tiles(photo.shape, self.longest)
        detected = []
        for part in parts:
            rows = self._rows_at(part.scale, part.of(photo), score)
            move_rows(rows, part.left, part.top)
            detected.append(rows)
        return (
            detected[0]
            if len(parts) == 1
            else joined(parts, detected, photo.shape)
        )

    def _rows_at(
        self, scale: float, photo: np.ndarray, score: float
    ) -> np.ndarray:
        """Return the rows of a single search at a scale."""
        if scale < 1:
            height, width = (max(1, round(scale * x)) for x in photo.shape[:2])
            photo = cv2.resize(
                photo, (width, height), interpolation=cv2.INTER_AREA
            )
        low, right = (max(0, LEAST - x) for x in photo.shape[:2])
        if low or right:
            photo = cv2.copyMakeBorder(
                photo, 0, low, 0, right, cv2.BORDER_REPLICATE
            )
        rows = self._detect(photo, score)
        rows[:, :14] /= scale
        # 0 is the centre of the first pixel, at both scales.
        move_rows(rows, *[0.5 / scale - 0.5] * 2)
        return rows

    def _detect(
        self, photo: np.ndarray, score: float | None = None
    ) -> np.ndarray:
        """Return YuNet's rows (N, 15) for pixels (H, W, 3)."""
        try:
            return self._yunet.get()(
                photo, self.score if score is None else score
            )
        except MemoryError:
            height, width = photo.shape[:2]
            raise InputError(
                "Expected enough memory to detect faces in "
                f"{width} x {height} pixels. Received: too little. Set "
                f"--detector-size, or FaceDetector(longest=...), below "
                f"{self.longest}."
            ) from None


def _best_turns(found: Found, shape: tuple[int, ...]) -> Found:
    """Keep the turn with the best score of each face."""
    if len(found) < 2:
        return found
    upright = found.boxes_in_photo(shape)
    return found.select(distinct(upright, found.scores))


def _largest_first(found: Found, most: int | None) -> Found:
    sides = found.boxes[:, 2] - found.boxes[:, 0]
    return found.select(np.argsort(-sides, kind="stable")[:most])
