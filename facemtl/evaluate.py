"""`python -m facemtl.evaluate`: score a trained network on labelled faces."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from facemtl.config import load_settings
from facemtl.data.settings import BOXES, data_path
from facemtl.errors import InputError
from facemtl.files.cache_place import lies_near
from facemtl.files.destinations import check_apart, check_file
from facemtl.files.writing import write_whole
from facemtl.pages import guide
from facemtl.presets import find_pretrained
from facemtl.process.cli import (
    add_data_arguments,
    run,
    verbosity,
)
from facemtl.settings import DataSettings


def parser() -> argparse.ArgumentParser:
    """Return the command's argument parser."""
    parser = argparse.ArgumentParser(
        prog="facemtl evaluate",
        description="Score a trained network on labelled faces.",
        epilog=guide("docs/train.md"),
    )
    parser.add_argument(
        "model",
        metavar="MODEL",
        help="a preset, a run folder, a .keras file, or any file that facemtl "
        "export writes",
    )
    add_data_arguments(parser)
    parser.add_argument(
        "--split",
        choices=("train", "val", "test"),
        default="test",
        help="which faces (default: test, or all rows of a CSV without the "
        "column 'split')",
    )
    parser.add_argument(
        "--boxes",
        choices=BOXES,
        help="the kind of boxes, as data.boxes of facemtl fit (default: as in "
        "the network's run if --data is the run's data, else auto)",
    )
    parser.add_argument(
        "--second-look",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="predict rotated, off-centre or badly scaled faces in a second "
        "pass, as facemtl predict does (default: yes; facemtl fit scores one "
        "pass)",
    )
    parser.add_argument("--json", metavar="FILE", help="write the scores there")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Print a table of scores; write them as JSON if asked."""
    args = parser().parse_args(argv)
    if args.json is not None:
        check_file(args.json, "--json")
    read = {"--data": data_path(args.data), "MODEL": args.model}
    check_apart({"--json": args.json}, read)
    from facemtl.data.faces import BadRows
    from facemtl.data.one_source import find_source
    from facemtl.data.sources import load_split, split_name
    from facemtl.evaluation.faces import evaluate_faces
    from facemtl.evaluation.report import table
    from facemtl.inference.runtimes import load_network

    network = load_network(args.model)
    bad = BadRows(args.skip_bad)
    source = find_source(args.data)
    model = find_pretrained(args.model)
    data = _data_of_run(model, source) or load_settings().data
    if args.boxes:
        data = replace(data, boxes=args.boxes)
    faces = load_split(source, args.split, network.tasks, bad, data)
    for line in faces.notes:
        print(line)
    options = {"second_look": args.second_look}
    scores = evaluate_faces(network, faces, bad, verbosity(), **options)
    boxes = network.box_convention
    twice = args.second_look and boxes and boxes.points
    passes = "two passes" if twice else "one pass"
    part = split_name(source, args.split)
    print(f"{source}, {part}, {passes}: {table(scores)}")
    if bad.skip:
        scores["skipped"] = dict(bad.counts)
        scores["skipped_rows"] = [list(row) for row in bad.rows]
        print(bad.summary() or "No invalid rows.")
    if args.json:
        write_whole(json.dumps(scores, indent=2) + "\n", Path(args.json))
    return 0


def _data_of_run(model: Path, source: str) -> DataSettings | None:
    """Return the data settings of a network's run if it used this source.

    With other settings, the validation set could contain faces that the network
    was trained on.
    """
    from facemtl.data.one_source import find_source

    file = (model.parent if model.suffix == ".keras" else model) / "config.toml"
    if not file.is_file():
        return None
    try:
        data = load_settings(file=file).data
        own = find_source(data.source)
    except InputError:  # from another version, or the data have moved
        return None
    if not lies_near(data.cache, file.parent):
        data = replace(data, cache="")  # The run may come from a third party.
    return data if Path(own).resolve() == Path(source).resolve() else None


if __name__ == "__main__":
    run(main)
