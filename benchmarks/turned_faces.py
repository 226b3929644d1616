"""What `--turned` finds and costs beside the search of upright faces.

    python benchmarks/turned_faces.py --data data/MTFL

MTFL's test faces, upright, on their sides and upside down: in their photos, of
48 pixels a side on gray, and in photos enlarged with grain. Photos of 250
pixels are LFW's, of training faces, also 4, 16 and 100 in one, each in a turn
of its own. Photos without a face are corners of these, enlarged. A face is
found if a box is near the listed one, as in `detectors.py`, and right if that
box has its turn. NME-box is the preset `base`'s, of faces found. Times are of
the processor, on one thread; the detectors take turns on each photo, after a
first search of it: the upright search, that of OpenCV, as in facemtl 0.1, and
`--turned`. Writes `benchmarks/turned_faces.json` and `turned_faces.md`.
"""

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from detectors import beside, nearest
from opencv_yunet import OpenCvDetector
from turned_photos import Seen, kinds

import facemtl
from facemtl import markdown
from facemtl.data.faces import BadRows
from facemtl.data.sources import load_split
from facemtl.detection.detector import FaceDetector
from facemtl.files.destinations import check_file
from facemtl.files.writing import write_whole
from facemtl.process.cli import run
from facemtl.process.environment import machine, versions

FILE = Path(__file__).with_suffix(".json")
COMMAND = "python benchmarks/turned_faces.py --data data/MTFL"
PRESET = "base"
NAMES = ("upright_ms", "opencv_ms", "ms")


def measured(
    seen: Iterator[Seen],
    ours: facemtl.Predictor,
    upright: Sequence[FaceDetector],
) -> dict[str, Any]:
    """Return recall, errors and times of one kind of photos."""
    counts, spent, errors = np.zeros(5), np.zeros(len(NAMES)), []
    for photo, faces in seen:
        for timed in (False, True):  # The first search of a shape is slow.
            for k, detect in enumerate((*upright, ours.detector)):
                start = time.process_time()
                found = detect(photo)
                spent[k] += timed * (time.process_time() - start)
        boxes = found.boxes_in_photo(photo.shape)
        other = np.ones(len(boxes), bool)
        predicted = ours(photo) if faces else []
        for centre, side, turn, points in faces:
            shifts, _, near = beside(boxes, centre, side)
            best = nearest(shifts, near)
            other &= ~near
            counts[1:4] += 1, len(best), (found.turns[best] == turn).sum()
            if len(best):
                gaps = [
                    np.linalg.norm(x.array() - points, axis=1)
                    for x in predicted
                ]
                errors.append(min(x.mean() for x in gaps) / side)
        counts += np.array([1, 0, 0, 0, other.sum()])
    n, listed, hits, right, false = counts
    part = {
        "photos": int(n),
        "faces": int(listed),
        "others": round(false / n, 3),
    }
    if listed:
        part["found"] = round(100 * hits / listed, 1)
        part["right"] = round(100 * right / listed, 1)
        part["nme_box"] = round(100 * float(np.mean(errors)), 2)
    part |= zip(NAMES, (1000 * spent / n).round(1).tolist(), strict=True)
    part["times"], part["opencv_times"] = (
        (spent[-1] / spent[:-1]).round(2).tolist()
    )
    return part


def table(result: dict[str, Any]) -> str:
    """Return the table in Markdown."""
    columns = {
        "found": "found, %",
        "right": "right, %",
        "nme_box": "NME-box, %",
        "others": "other boxes a photo",
        "upright_ms": "upright search, ms",
        "opencv_ms": "OpenCV's, ms",
        "ms": "--turned, ms",
        "times": "times",
        "opencv_times": "times OpenCV's",
    }
    rows = [
        (name, *(str(part.get(key, "")) for key in columns))
        for name, part in result["kinds"].items()
    ]
    return markdown.table(("photos", *columns.values()), rows)


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", required=True, help="folder of MTFL")
    parser.add_argument("--out", metavar="FILE", default=FILE)
    args = parser.parse_args(argv)
    args.out = check_file(args.out, "--out")
    cv2.setNumThreads(1)
    faces, train = (
        load_split(args.data, split, (), BadRows())
        for split in ("test", "train")
    )
    ours = facemtl.Predictor.load(
        PRESET, FaceDetector(turned=True, threads=1), threads=1
    )
    assert isinstance(ours.detector, FaceDetector)
    convention = ours.detector.convention
    assert convention is not None
    upright = [
        detector.following(convention)
        for detector in (FaceDetector(threads=1), OpenCvDetector())
    ]
    result: dict[str, Any] = {
        "command": COMMAND,
        "preset": PRESET,
        "machine": machine(),
        "versions": versions("opencv-python-headless", "ai-edge-litert"),
        "kinds": {},
    }
    for name, seen in kinds(faces, train).items():
        part = measured(seen(), ours, upright)
        result["kinds"][name] = part
        print(f"{name:<40}{part}", flush=True)
    write_whole(json.dumps(result, indent=1) + "\n", args.out)
    write_whole(f"{table(result)}\n", args.out.with_suffix(".md"))
    return 0


if __name__ == "__main__":
    run(main)
