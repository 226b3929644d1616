"""Measure the errors of attributes by age, group and gender on MORE.

    python presets/fairness.py --more data/MORE/labels.csv \
        --people data/MORE/people.csv

scores the presets, or the networks given by `--model`, on the validation faces
that `presets/more.py` chooses, with two passes. MORE has no points: `Face.
confidence` and the predicted deviations are reported instead of their errors.
It writes `presets/fairness.json` and `.md`, and the cards of presets.
Groups are coarse impressions of annotators, and serve to report errors alone.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from card import write_card
from fairness_cells import GAP, SURE, gaps, measured
from fairness_table import document
from more import is_validation
from people import read_people

from facemtl.config import PRESETS
from facemtl.data.csv.reader import read_csv
from facemtl.data.faces import Faces
from facemtl.errors import InputError
from facemtl.files.checksums import checksum
from facemtl.files.destinations import check_apart, check_file
from facemtl.files.json_text import strict_json
from facemtl.files.writing import write_json, write_whole
from facemtl.inference.runtimes import load_network
from facemtl.presets import find_pretrained, presets_with
from facemtl.process.cli import run
from facemtl.process.environment import machine, versions
from facemtl.tasks import MTFL_TASKS

HERE = Path(__file__).parent
FILE = HERE / "fairness.json"
COMMAND = (
    "python presets/fairness.py --more data/MORE/labels.csv "
    "--people data/MORE/people.csv"
)
FOLDERS = {"UTKFace": "utk", "CelebA": "celeba"}


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, write and print."""
    args = parsed(argv)
    networks = {name: load_network(name) for name in args.models}
    people = read_people(args.people)
    parts = validation_faces(args.more)
    found = {}
    for name, network in networks.items():
        scores = {k: measured(network, x, people) for k, x in parts.items()}
        found[name] = {
            "network": network_checksum(name),
            "parts": scores,
            "gaps": {k: gaps(x) for k, x in scores.items()},
        }
    result = {
        "command": COMMAND + "".join(f" --model {x}" for x in args.given),
        "machine": machine(),
        "versions": versions("ai-edge-litert"),
        "sure": SURE,
        "gap": GAP,
        "faces": {name: len(faces) for name, faces in parts.items()},
        "networks": found,
    }
    write_json(result, args.out)
    write_whole(document(result), args.out.with_suffix(".md"))
    print(document(result))
    if args.out == FILE:
        write_cards(args.models)
    return 0


def parsed(argv: Sequence[str] | None) -> argparse.Namespace:
    """Return the command's arguments; `models` are the networks."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--more", required=True, metavar="CSV")
    parser.add_argument("--people", required=True, metavar="CSV")
    parser.add_argument(
        "--model",
        dest="given",
        action="append",
        default=[],
        metavar="NETWORK",
        help="a preset, or a file of a network; again for more. Default: the "
        "presets with attributes",
    )
    parser.add_argument("--out", default=FILE, metavar="FILE")
    args = parser.parse_args(argv)
    args.out = check_file(args.out, "--out")
    read = {"--more": args.more, "--people": args.people}
    check_apart({"--out": args.out}, read)
    args.models = args.given or presets_with(MTFL_TASKS)
    for name in args.models:
        if not find_pretrained(name).is_file():
            raise InputError(
                "Expected --model as a preset or a file of a network. "
                f"Received: {name}."
            )
    return args


def validation_faces(file: str) -> dict[str, Faces]:
    """Return the validation faces of MORE's `labels.csv`, by part."""
    faces = read_csv(file)
    kept = np.array([is_validation(name) for name in faces.names])
    folders = np.array([Path(name).parent.name for name in faces.names])
    return {
        part: faces.select(kept & (folders == folder))
        for part, folder in FOLDERS.items()
    }


def network_checksum(name: str) -> str:
    """Return the SHA-256 of a network's file."""
    return checksum([find_pretrained(name).read_bytes()])


def write_cards(names: Sequence[str]) -> None:
    """Write the cards of presets again, with what was measured."""
    for name in names:
        file = HERE / f"{name}.json"
        if file.is_file():
            result = strict_json(file.read_bytes())
            write_card(result, PRESETS / f"{name}.md")


if __name__ == "__main__":
    run(main)
