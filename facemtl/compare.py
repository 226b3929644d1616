"""`python -m facemtl.compare`: train a study's variants and compare them."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from facemtl.cli import add_data_arguments, run
from facemtl.datasets.sources import find_source
from facemtl.studies.runner import list_runs, train_all
from facemtl.studies.study import load_study, study_names


def parser() -> argparse.ArgumentParser:
    """The command's arguments."""
    parser = argparse.ArgumentParser(
        prog="facemtl compare",
        description="Train the variants of a study with several seeds and "
        "compare them. A study that was cut off goes on where it was.",
    )
    parser.add_argument(
        "study",
        metavar="STUDY",
        help=f"one of {', '.join(study_names())}, or a TOML file",
    )
    add_data_arguments(parser)
    parser.add_argument(
        "--seeds", type=int, default=0, metavar="N", help="not the study's own"
    )
    parser.add_argument(
        "--set",
        dest="settings",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="one setting for every variant; may be repeated",
    )
    parser.add_argument(
        "--jobs",
        type=int,
        default=os.cpu_count(),
        metavar="N",
        help="runs at a time, a thread each (default: as many as cores)",
    )
    parser.add_argument(
        "--runs",
        default="runs/studies",
        metavar="DIR",
        help="where the runs are kept (default: runs/studies); studies share "
        "runs with the same settings",
    )
    parser.add_argument(
        "--out",
        default="",
        metavar="DIR",
        help="for the results (default: runs/compare/STUDY)",
    )
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Train what is missing, then write the results."""
    args = parser().parse_args(argv)
    study = load_study(args.study, args.seeds, args.settings)
    source = find_source(args.data)
    out = Path(args.out or f"runs/compare/{study.name}")
    runs = list_runs(study, source, args.runs)
    print(f"{study.title} {len(runs)} runs on {source}.")
    train_all(runs, args.jobs, args.skip_bad)
    return 0


if __name__ == "__main__":
    run(main)
