"""Score a network that was trained on synthetic faces on real ones.

    python benchmarks/drawn_to_real.py runs/first --data data/MTFL

The baselines on the same faces are the mean shape of the synthetic faces, which
uses no pixels, and the mean shape of the real training faces. The result is
`benchmarks/drawn_to_real.json`.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from facemtl.data.faces import BadRows, Faces
from facemtl.data.settings import SYNTHETIC
from facemtl.data.sources import load_split
from facemtl.evaluation.faces import predict_faces
from facemtl.evaluation.scores import score
from facemtl.geometry.crops import square_windows, to_photo, to_window
from facemtl.models import load_model
from facemtl.process.cli import run
from facemtl.tasks import LANDMARKS, MTFL_TASKS, POSE

FILE = Path(__file__).parent / "drawn_to_real.json"


def mean_shape(faces: Faces) -> np.ndarray:
    """Return (5, 2) in units of the squared box: the mean of frontal faces."""
    frontal = faces.labels["pose"] == POSE.names.index("frontal")
    points = faces.labels["landmarks"][frontal]
    windows = square_windows(faces.boxes[frontal])
    return to_window(points, windows).mean(axis=0)


def score_shape(shape: np.ndarray, faces: Faces) -> dict[str, Any]:
    """Score one shape in every box."""
    windows = square_windows(faces.boxes)
    points = to_photo(np.repeat(shape[None], len(faces), axis=0), windows)
    return score(faces, {LANDMARKS.name: points})


def short(scores: dict[str, Any]) -> dict[str, Any]:
    """Return the scores in the README: all faces, and the frontal ones."""
    keys = ("mean_error_box", "failure_rate_box_5", "mean_error_interocular")
    points = scores["landmarks"]
    result = {
        "all": {key: points[key] for key in keys},
        "frontal": {key: points["per_pose"]["frontal"][key] for key in keys},
    }
    for task, part in scores.get("attributes", {}).items():
        result[task] = {
            key: part[key] for key in ("accuracy", "balanced_accuracy")
        }
    return result


def main(argv: Sequence[str] | None = None) -> int:
    """Score, print and write."""
    parser = argparse.ArgumentParser(description="Synthetic faces to real.")
    parser.add_argument("model", help="a run on synthetic faces")
    parser.add_argument("--data", required=True, help="a folder of MTFL")
    args = parser.parse_args(argv)
    bad = BadRows()
    drawn = load_split(SYNTHETIC, "train", MTFL_TASKS, bad)
    real = load_split(args.data, "train", MTFL_TASKS, bad)
    test = load_split(args.data, "test", MTFL_TASKS, bad)
    network = score(
        *predict_faces(load_model(args.model), test, second_look=False)
    )
    result = {
        "faces": len(test),
        "network": short(network),
        "mean shape of drawn faces": short(
            score_shape(mean_shape(drawn), test)
        ),
        "mean shape of real faces": short(score_shape(mean_shape(real), test)),
    }
    text = json.dumps(result, indent=2)
    print(text)
    FILE.write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    run(main)
