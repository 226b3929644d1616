"""Other people's landmark predictors and ours: accuracy and time.

    PYTHONPATH=. build/peers/bin/python benchmarks/peers/compare.py \
        --data data/MTFL

`README.md` beside this file has the set-up. `--accuracy ours` scores our
networks alone and leaves the peers' scores as they were; `--accuracy none`
measures only time. Time is measured for all in every run. Results:
`peers.json` and `peers.md`.
"""

import argparse
import json
import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import cv2
from comparison import (
    CALIBRATION,
    PEERS,
    SPLITS,
    TIMED,
    WHOLE,
    Comparison,
)
from peer_tables import document
from predictors import circumstances, ours

from facemtl.errors import InputError
from facemtl.files.destinations import check_file
from facemtl.files.writing import write_whole
from facemtl.process.cli import run

FILE = Path(__file__).parent / "peers.json"
PACKAGES = (
    "numpy",
    "torch",
    "facenet-pytorch",
    "onnxruntime",
    "dlib-bin",
    "face-recognition-models",
    "mediapipe",
    "ai-edge-litert",
)


def parsed(argv: Sequence[str] | None) -> argparse.Namespace:
    """The command's arguments."""
    parser = argparse.ArgumentParser(description="Peers' accuracy and time.")
    parser.add_argument("--data", required=True, help="folder of MTFL")
    parser.add_argument(
        "--ours",
        metavar="NAME=FILE",
        action="append",
        default=[],
        help="a network of facemtl; again for more. Default: its presets",
    )
    parser.add_argument(
        "--accuracy",
        choices=("all", "ours", "none"),
        default="all",
        help="whose accuracy is measured; the others' stays as it was",
    )
    parser.add_argument("--out", default=FILE)
    args = parser.parse_args(argv)
    args.out = check_file(args.out, "--out")
    return args


def measured_before(file: Path, names: Collection[str]) -> dict[str, Any]:
    """An earlier run's results, which must have scores of all these names.

    Raises:
        InputError: if one has none.
    """
    if not names:
        return {"predictors": {}, "commands": []}
    try:
        before = json.loads(file.read_text(encoding="utf-8"))
    except OSError:
        before = {"predictors": {}}
    for name in names:
        if name not in before["predictors"]:
            raise InputError(
                f"{file}: expected scores of '{name}'. Received none: "
                "measure them with --accuracy ours or all."
            )
    return before


def write(file: Path, results: dict[str, Any]) -> None:
    """The JSON, and its tables beside it."""
    write_whole(json.dumps(results, indent=1) + "\n", file)
    write_whole(document(results) + "\n", file.with_suffix(".md"))


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print and write."""
    args = parsed(argv)
    cv2.setNumThreads(1)
    own = ours(args.ours)
    scored = {"all": [*PEERS, WHOLE, *own], "ours": [*own], "none": []}
    names = scored[args.accuracy]
    kept = [x for x in (*PEERS, WHOLE, *own) if x not in names]
    before = measured_before(args.out, kept)
    parts = {x: before["predictors"].get(x, {}) for x in (*PEERS, WHOLE, *own)}
    predictors = {name: make() for name, make in (PEERS | own).items()}
    comparison = Comparison(args.data, predictors, parts)
    comparison.describe()
    if WHOLE in names:
        comparison.place(PEERS)
    if names:
        comparison.score(names)
    comparison.time()
    counts = dict.fromkeys(SPLITS, comparison.faces)
    counts |= {"calibration": CALIBRATION, "timed": TIMED}
    command = " ".join(["PYTHONPATH=.", "build/peers/bin/python", *sys.argv])
    about = {
        "commands": list(dict.fromkeys([*before["commands"], command])),
        **circumstances(*PACKAGES),
    }
    write(args.out, {**about, "faces": counts, "predictors": parts})
    return 0


if __name__ == "__main__":
    run(main)
