"""Networks of 68 points beside dlib's and face-api's: accuracy and time.

    PYTHONPATH=. build/peers/bin/python benchmarks/peers/points68.py \
        --data ../POINTS68/labels.csv --model NAME=FILE --node build/face-api

`README.md` beside this file has the set-up. The faces are those that
`facemtl fit --set data.tasks=points68 --set data.validation_share=0.2` keeps
for validation. Results: `points68.json` and `points68.md`.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from accuracy import answers, both_passes, place, shown
from latency import RELATIVE_TO, timed
from onet import TorchONet
from peers_68 import POINTS, AllOfDlib, FaceApi
from placement import Placement
from points68_table import document
from predictors import Predictor, circumstances, ours

from facemtl.config import load_settings
from facemtl.data.faces import Faces
from facemtl.evaluation.normalizers import error_key, failure_key
from facemtl.evaluation.scores import score
from facemtl.files.destinations import check_file
from facemtl.files.kept import read_kept, read_object
from facemtl.files.writing import write_whole
from facemtl.process.cli import run
from facemtl.settings import DataSettings
from facemtl.tasks import Normalizer

FILE = Path(__file__).parent / "points68.json"
SHARE = 0.2
CALIBRATION, TIMED, ALL = 300, 200, 100_000
PACKAGES = ("numpy", "torch", "facenet-pytorch", "dlib-bin", "ai-edge-litert")
FACE_API = {
    "face-api, 68 points": "face_landmark_68_model",
    "face-api, tiny, 68 points": "face_landmark_68_tiny_model",
}
PUPILS = Normalizer(
    "pupils",
    (POINTS.names[36:42], POINTS.names[42:48]),
)
NORMALIZERS = (POINTS.normalizer, PUPILS)

Photos = list[np.ndarray]


def data_settings() -> DataSettings:
    """The settings of `[data]` that choose the faces.

    Example:

    >>> data_settings().tasks
    'points68'
    """
    data = load_settings().data
    return replace(data, tasks="points68", validation_share=SHARE)


def split(data: str, part: str, n: int = ALL) -> tuple[Faces, Photos]:
    """Faces of the fixed fifth (`"val"`) or of the others (`"train"`)."""
    return shown(data, part, n, data_settings())


def scores_of(faces: Faces, points: np.ndarray) -> dict[str, float]:
    """Scores of points (N, 68, 2) in photo pixels, with both normalizers."""
    found: dict[str, Any] = {}
    for normalizer in NORMALIZERS:
        assert normalizer is not None
        task = replace(POINTS, normalizer=normalizer)
        own = replace(faces, tasks=(task,))
        scores = score(own, {task.name: points})[task.name]
        named = (error_key(normalizer.name), failure_key(normalizer.name))
        keys = ("mean_error_box", "failure_rate_box_5", *named)
        found |= {key: scores[key] for key in keys}
    return found


def measured(
    predictor: Predictor, placement: Placement, faces: Faces, photos: Photos
) -> dict[str, Any]:
    """Scores in boxes so placed; ours also with two passes."""
    boxes = placement.boxes(faces.boxes)
    if not predictor.looks_again:
        found = answers(predictor, photos, boxes)
        return {"scores": scores_of(faces, found[POINTS.name])}
    one, two, again = both_passes(predictor, photos, boxes)
    share = round(100 * again / len(faces), 1)
    second = {"scores": scores_of(faces, two[POINTS.name]), "again": share}
    scores = scores_of(faces, one[POINTS.name])
    return {"scores": scores, "second_pass": second}


def compared(
    data: str,
    peers: Mapping[str, Predictor],
    own: Mapping[str, Predictor],
    before: Mapping[str, Any],
) -> dict[str, Any]:
    """Size, boxes, scores and times of all predictors.

    Args:
        data: the CSV.
        peers: predictors by name, whose boxes are placed on training faces.
        own: networks of facemtl, which get the boxes of the CSV.
        before: {peer: what an earlier run measured}, which is kept but for
            the times.
    """
    faces, photos = split(data, "val")
    near = split(data, "train", CALIBRATION)
    parts: dict[str, Any] = {}
    placements = {name: Placement() for name in own}
    every = {**peers, **own}
    for name, predictor in every.items():
        about = {"megabytes": predictor.megabytes}
        parts[name] = about | {"parameters": predictor.parameters}
        if name in before:
            box = dict(before[name]["box"])
            parts[name] |= {"box": box, "scores": before[name]["scores"]}
            sides = {k: x for k, x in box.items() if k != "error"}
            placements[name] = Placement(**sides)
            continue
        if name in peers:
            placements[name], error = place(predictor, *near)
            box = asdict(placements[name]) | {"error": round(error, 3)}
            parts[name]["box"] = box
        parts[name] |= measured(predictor, placements[name], faces, photos)
        print(f"{name}: {parts[name]['scores']}", flush=True)
    times = _times(every, placements, faces, photos)
    onet = {RELATIVE_TO: times.pop(RELATIVE_TO)}
    for name, part in times.items():
        parts[name] |= part
    return {"faces": len(faces), "predictors": parts, "unit": onet}


def _times(
    predictors: Mapping[str, Predictor],
    placements: Mapping[str, Placement],
    faces: Faces,
    photos: Photos,
) -> dict[str, dict[str, float]]:
    """Times of all predictors and of O-Net in torch, side by side."""
    for predictor in predictors.values():
        if isinstance(predictor, FaceApi):
            predictor.spent.clear()
    every = {RELATIVE_TO: TorchONet(), **predictors}
    where = {RELATIVE_TO: Placement(), **placements}
    times = timed(every, where, photos[:TIMED], faces.boxes[:TIMED])
    for name, predictor in predictors.items():
        if isinstance(predictor, FaceApi):
            times[name] = predictor.times()
    unit = times[RELATIVE_TO]["cpu_milliseconds"]
    for part in times.values():
        # Other processes lengthen the processor's time less.
        part["relative"] = round(part["cpu_milliseconds"] / unit, 3)
    return times


def parsed(argv: Sequence[str] | None) -> argparse.Namespace:
    """The command's arguments."""
    parser = argparse.ArgumentParser(description="68 points: peers and ours.")
    parser.add_argument("--data", required=True, help="CSV with 68 points")
    parser.add_argument(
        "--model",
        metavar="NAME=FILE",
        action="append",
        default=[],
        help="a network of facemtl with 68 points instead of the preset; "
        "again for more",
    )
    parser.add_argument(
        "--node", help="folder with face-api's node_modules; else without it"
    )
    parser.add_argument(
        "--keep-peers",
        action="store_true",
        help="keep the peers' boxes and scores of --out; measure their times",
    )
    parser.add_argument("--out", default=FILE)
    args = parser.parse_args(argv)
    args.out = check_file(args.out, "--out")
    return args


def _before(file: Path, peers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the results of an earlier run, with the predictors of peers."""
    results: dict[str, Any] = read_kept(file, read_object, "Measure all.")
    known = results["predictors"]
    return results | {"predictors": {k: known[k] for k in peers if k in known}}


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print and write."""
    args = parsed(argv)
    cv2.setNumThreads(1)
    own = {name: make() for name, make in ours(args.model, POINTS).items()}
    peers: dict[str, Predictor] = {"dlib, 68 points": AllOfDlib()}
    if args.node:
        peers |= {k: FaceApi(args.node, x) for k, x in FACE_API.items()}
    before = _before(args.out, peers) if args.keep_peers else {}
    results = compared(args.data, peers, own, before.get("predictors", {}))
    for peer in peers.values():
        if isinstance(peer, FaceApi):
            peer.close()
    command = " ".join(["PYTHONPATH=.", "build/peers/bin/python", *sys.argv])
    counts = {"calibration": CALIBRATION, "timed": min(TIMED, results["faces"])}
    results = {
        "commands": list(dict.fromkeys([*before.get("commands", []), command])),
        **circumstances(*PACKAGES),
        **counts,
    } | results
    write_whole(json.dumps(results, indent=1) + "\n", args.out)
    write_whole(document(results) + "\n", args.out.with_suffix(".md"))
    return 0


if __name__ == "__main__":
    run(main)
