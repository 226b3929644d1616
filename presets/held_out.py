"""How a preset does on photos of another kind than those it was trained on.

    python presets/held_out.py tiny --data data/MTFL

MTFL's training photos come from the news (`lfw_5590`) and from the web
(`net_7876`). Trains on one kind and scores the other, for several strengths
of augmentation, without a test face. Writes `presets/held_out.json`.
"""

import argparse
import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from facemtl.cli import load_tensorflow, run
from facemtl.config import load_config

HERE = Path(__file__).parent
KINDS = ("lfw_5590", "net_7876")
# Factors on the preset's changes of a training face.
STRENGTHS = (0.5, 1.0, 2.0)
CHANGES = ("shift", "scale", "rotation", "light", "blur", "occlusion")
MOST = {"blur": 1.0, "occlusion": 0.5}


def parser() -> argparse.ArgumentParser:
    """The command's arguments."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("preset", help="such as tiny")
    parser.add_argument("--data", required=True, help="folder of MTFL")
    parser.add_argument("--epochs", type=int, default=16)
    parser.add_argument("--jobs", type=int, default=2, help="runs at a time")
    parser.add_argument("--runs", type=Path, default=Path("runs/held_out"))
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Train on each kind of photo, score the other, and write it."""
    args = parser().parse_args(argv)
    load_tensorflow()
    from facemtl.circumstances import machine, versions
    from facemtl.files import write_json
    from facemtl.studies.run import list_runs
    from facemtl.studies.runner import train_all
    from facemtl.studies.study import Study, Variant

    rows = {}
    for kind in KINDS:
        source = write_source(args.data, kind, args.runs)
        variants = tuple(
            Variant(f"x {x:g}", "", settings(args, x)) for x in STRENGTHS
        )
        study = Study(f"without {kind}", "", "", 1, (), variants)
        runs = list_runs(study, str(source), args.runs)
        train_all(runs, args.jobs)
        rows[kind] = {r.variant.name: scores(r.report()) for r in runs}
    result = {
        "command": f"python presets/held_out.py {args.preset} --data data/MTFL",
        "preset": args.preset,
        "epochs": args.epochs,
        "machine": machine(),
        "versions": versions(),
        "held_out": rows,
    }
    write_json(result, HERE / "held_out.json")
    return 0


def settings(args: argparse.Namespace, strength: float) -> Any:
    """The preset's configuration with its augmentation at a strength."""
    given = load_config(args.preset)["augment"]
    changes = [
        f"augment.{k}={min(float(strength * given[k]), MOST.get(k, 1e9))}"
        for k in CHANGES
    ]
    words = [f"train.epochs={args.epochs}", *changes]
    return load_config(args.preset, settings=words)


def write_source(data: str, kind: str, folder: Path) -> Path:
    """A CSV of the training photos, `kind` of them as its test faces."""
    from facemtl.datasets.csv_writer import write_csv
    from facemtl.datasets.faces import BadRows
    from facemtl.datasets.sources import load_split
    from facemtl.tasks import MTFL_TASKS

    folder.mkdir(parents=True, exist_ok=True)
    file, rows = folder / f"without_{kind}.csv", []
    for split in ("train", "val"):
        faces = load_split(data, split, MTFL_TASKS, BadRows())
        write_csv(faces, file, Path(data).resolve())
        with file.open(encoding="utf-8", newline="") as part:
            rows += [{**row, "split": split} for row in csv.DictReader(part)]
    for row in rows:
        if f"/{kind}/" in row["file"]:
            row["split"] = "test"
    with file.open("w", encoding="utf-8", newline="") as whole:
        writer = csv.DictWriter(whole, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return file


def scores(report: dict[str, Any]) -> dict[str, Any]:
    """Of a run: on validation faces of its own kind of photo, and held out."""
    from facemtl.scores import headline

    names = {"own": "validation", "held_out": "test"}
    return {k: headline(report["scores"][split]) for k, split in names.items()}


if __name__ == "__main__":
    run(main)
