"""Convert YuNet's boxes to those of MTFL.

    python benchmarks/detector_boxes.py exported/model_float32.tflite \
        --data data/MTFL

Scale and shift are medians over training faces. The candidates are YuNet's box,
the square around its five points, and the mean of both. The command chooses the
one with the lowest error of the network on validation faces, and reports it on
test faces, with the error in the listed boxes. `facemtl.data.convention_fit`
fits the chosen conversion to each run's faces. The result is
`benchmarks/detector_boxes.json`.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from facemtl.data.faces import BadRows, Faces
from facemtl.detection.detector import FaceDetector
from facemtl.evaluation.faces import predict_faces
from facemtl.evaluation.scores import score
from facemtl.geometry.box_convention import SIDE
from facemtl.geometry.crops import square_windows
from facemtl.inference.runtimes import Runtime, load_network
from facemtl.process.cli import load_tensorflow, run

FILE = Path(__file__).parent / "detector_boxes.json"
TRAINING_FACES = 2000


def rows_of(faces: Faces, detector: FaceDetector) -> tuple[Faces, np.ndarray]:
    """Return the detected faces, and YuNet's rows (N, 15) for them."""
    kept, rows = [], []
    for i in range(len(faces)):
        found = detector.rows(faces.images.read(faces.names[i]))
        if not len(found):
            continue
        box = faces.boxes[i]
        apart = np.linalg.norm(
            found[:, :2] + found[:, 2:4] / 2 - (box[:2] + box[2:]) / 2, axis=1
        )
        if apart.min() < 0.4 * (box[2] - box[0]):
            kept.append(i)
            rows.append(found[apart.argmin()])
    return faces.select(np.array(kept)), np.array(rows)


def ways(rows: np.ndarray) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return {candidate: centres (N, 2) and sides (N, 1)}."""
    points = rows[:, 4:14].reshape(-1, 5, 2)
    low, high = points.min(axis=1), points.max(axis=1)
    box = rows[:, :2] + rows[:, 2:4] / 2, np.sqrt(rows[:, 2:3] * rows[:, 3:4])
    square = (
        (low + high) / 2,
        SIDE * (high - low).max(axis=1, keepdims=True),
    )
    both = (box[0] + square[0]) / 2, (box[1] + square[1]) / 2
    return {"box": box, "points": square, "both": both}


def fitted(
    centres: np.ndarray, sides: np.ndarray, faces: Faces
) -> tuple[float, np.ndarray]:
    """Return the median scale and shift to the listed boxes."""
    listed = square_windows(faces.boxes)
    middle = listed[:, :2] + listed[:, 2:] / 2
    scale = float(np.median(listed[:, 2:] / sides))
    return scale, np.median((middle - centres) / sides, axis=0)


def scored(network: Runtime, faces: Faces, boxes: np.ndarray) -> dict[str, Any]:
    """Return the network's error in these boxes, in % of the listed box."""
    some = replace(faces, boxes=boxes)
    _, found = predict_faces(network, some, verbose=0, second_look=False)
    points = score(faces, {"landmarks": found["landmarks"]})["landmarks"]
    return {
        "mean_error_box": round(points["mean_error_box"], 3),
        "failure_rate_box_5": round(points["failure_rate_box_5"], 2),
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Fit, score, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", help="exported network in any format")
    parser.add_argument("--data", required=True, help="folder of MTFL")
    args = parser.parse_args(argv)
    load_tensorflow()
    from facemtl.data.sources import load_split

    network, detector = load_network(args.model), FaceDetector()
    splits = {}
    for split in ("train", "val", "test"):
        faces = load_split(args.data, split, network.tasks, BadRows())
        some = faces.select(np.arange(min(len(faces), TRAINING_FACES)))
        splits[split] = rows_of(some, detector)
        print(f"{split}: {len(splits[split][0])} of {len(some)} found")
    results: dict[str, Any] = {
        "listed": {
            split: scored(network, faces, faces.boxes)
            for split, (faces, _) in splits.items()
            if split != "train"
        }
    }
    for way in ways(splits["train"][1]):
        faces, rows = splits["train"]
        scale, shift = fitted(*ways(rows)[way], faces)
        part = {"scale": round(scale, 3), "shift": shift.round(3).tolist()}
        for split in ("val", "test"):
            faces, rows = splits[split]
            centres, sides = ways(rows)[way]
            low = centres + shift * sides - scale * sides / 2
            boxes = np.concatenate([low, low + scale * sides], axis=1)
            part[split] = scored(network, faces, boxes)
        results[way] = part
    for way, part in results.items():
        print(f"{way:<8}{part}")
    FILE.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    run(main)
