"""Compare facemtl's YuNet, mostly int8, with OpenCV's in float32.

    python benchmarks/yunet_int8.py --data data/MTFL

MTFL's test faces: in their photos, shrunk to 24 pixels, enlarged to half of a
side of a megapixel, and 16 to 400 in a photo of that size. A face is found if a
box is near the listed one, as in `detectors.py`. Clear detections have a score
of at least 0.75 in float32; it is counted how many int8 loses, and how far it
moves their five points in the mean, in percent of the box.
Times are of the processor, on one thread; both take turns on each photo, after
a first search of it. Writes `benchmarks/yunet_int8.json` and `yunet_int8.md`.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from detectors import GRAY, beside
from opencv_yunet import OpenCvDetector
from turned_photos import SIDE, Seen, grainy, mosaics, one, photos

from facemtl import markdown
from facemtl.data.faces import BadRows, Faces
from facemtl.data.sources import load_split
from facemtl.detection.boxes import detector_boxes
from facemtl.detection.detector import FaceDetector
from facemtl.files.destinations import check_file
from facemtl.files.writing import write_whole
from facemtl.geometry.box_convention import MTFL_BOXES
from facemtl.process.cli import run
from facemtl.process.environment import machine, versions

FILE = Path(__file__).with_suffix(".json")
COMMAND = "python benchmarks/yunet_int8.py --data data/MTFL"
CLEAR, SAME = 0.75, 0.3
CLOSE_UPS, TINY = 100, 24
LINES = {4: 20, 10: 10, 20: 2}  # Faces a side of a photo: photos.

Rows = Callable[[np.ndarray], np.ndarray]


def measured(seen: Iterator[Seen], detectors: Sequence[Rows]) -> dict[str, Any]:
    """Return recall, other boxes and times of both, and what moved."""
    hits, others, spent = np.zeros(2), np.zeros(2), np.zeros(2)
    photos = listed = lost = 0
    moved: list[float] = []
    for photo, faces in seen:
        rows = []
        for k, detect in enumerate(detectors):
            detect(photo)  # The first search of a shape is slow.
            start = time.process_time()
            rows.append(detect(photo))
            spent[k] += time.process_time() - start
            found, near = matched(rows[k], faces)
            hits[k] += found
            others[k] += near
        gaps, missing = compared(*rows)
        moved.extend(gaps)
        lost += missing
        photos, listed = photos + 1, listed + len(faces)
    return {
        "photos": photos,
        "faces": listed,
        "recall": (100 * hits / listed).round(2).tolist(),
        "others": (others / photos).round(2).tolist(),
        "clear": len(moved) + lost,
        "lost": lost,
        "moved": round(100 * float(np.mean(moved)), 2),
        "milliseconds": (1000 * spent / photos).round(2).tolist(),
    }


def matched(rows: np.ndarray, faces: Sequence[Any]) -> tuple[int, int]:
    """Return how many faces have a box, and how many boxes have no face."""
    boxes = detector_boxes(np.asarray(rows, float), MTFL_BOXES)
    near = [beside(boxes, centre, side)[2] for centre, side, *_ in faces]
    return sum(map(np.any, near)), int((~np.any(near, axis=0)).sum())


def compared(rows: np.ndarray, others: np.ndarray) -> tuple[list[float], int]:
    """Return how far the points of clear rows are from others, and the lost."""
    gaps = []
    clear = rows[rows[:, 14] >= CLEAR]
    for row in clear:
        between = (others[:, 4:14] - row[4:14]).reshape(-1, 5, 2)
        apart = np.linalg.norm(between, axis=2).mean(axis=1)
        gaps.append(min(apart, default=np.inf) / np.sqrt(row[2] * row[3]))
    near = [float(x) for x in gaps if x < SAME]
    return near, len(clear) - len(near)


def table(result: dict[str, Any]) -> str:
    """Return the table in Markdown."""
    heads = ("photos; float32 → int8", "faces", "found, %", "other boxes")
    compared = ("clear detections lost", "points moved, %", "ms a photo")
    rows = []
    for name, part in result["kinds"].items():
        pairs = (
            " → ".join(map(str, part[key]))
            for key in ("recall", "others", "milliseconds")
        )
        recall, others, spent = pairs
        lost = f"{part['lost']} of {part['clear']:,}"
        cells = (f"{part['faces']:,}", recall, others, lost)
        rows.append((name, *cells, str(part["moved"]), spent))
    return markdown.table((*heads, *compared), rows)


def shrunk(faces: Faces) -> Iterator[Seen]:
    """Yield photos in which the face's box has `TINY` pixels."""
    for i, box in enumerate(faces.boxes):
        yield one(faces, i, 0, TINY / float(max(box[2:] - box[:2])))


def close_ups(faces: Faces) -> Iterator[Seen]:
    """Yield photos of a megapixel that show a face of half their side."""
    for name, box in zip(faces.names, faces.boxes, strict=True):
        side = float(max(box[2:] - box[:2]))
        scale = SIDE / 2 / side
        corner = SIDE / 2 - scale * (box[:2] + box[2:]) / 2
        place = np.array([[scale, 0, corner[0]], [0, scale, corner[1]]])
        photo = cv2.warpAffine(
            faces.images.read(name),
            place,
            (SIDE, SIDE),
            flags=cv2.INTER_CUBIC,
            borderValue=GRAY,
        )
        centre = np.full(2, SIDE / 2)
        yield Seen(grainy(photo), [(centre, SIDE / 2, 0, centre)])


def kinds(faces: Faces) -> Iterator[tuple[str, Iterator[Seen]]]:
    """Yield what is measured: a name and photos with their faces."""
    order = np.random.default_rng(0).permutation(len(faces))
    mixed = faces.select(order)
    yield "MTFL's photos", photos(mixed, 0)
    yield f"a face of {TINY} pixels", shrunk(mixed)
    name = "1 megapixel, one face of half its side"
    yield name, islice(close_ups(mixed), CLOSE_UPS)
    for lines, count in LINES.items():
        name = f"1 megapixel, {lines**2} faces"
        yield name, islice(mosaics(mixed, lines, 0), count)


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", required=True, help="folder of MTFL")
    parser.add_argument("--out", metavar="FILE", default=FILE)
    args = parser.parse_args(argv)
    args.out = check_file(args.out, "--out")
    cv2.setNumThreads(1)
    detectors = OpenCvDetector().rows, FaceDetector(threads=1).rows
    result: dict[str, Any] = {
        "command": COMMAND,
        "machine": machine(),
        "versions": versions("opencv-python-headless", "ai-edge-litert"),
        "kinds": {},
    }
    faces = load_split(args.data, "test", (), BadRows())
    for name, seen in kinds(faces):
        part = measured(seen, detectors)
        result["kinds"][name] = part
        print(f"{name:<40}{part}", flush=True)
    write_whole(json.dumps(result, indent=1) + "\n", args.out)
    write_whole(f"{table(result)}\n", args.out.with_suffix(".md"))
    return 0


if __name__ == "__main__":
    run(main)
