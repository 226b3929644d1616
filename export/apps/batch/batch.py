"""Process millions of photos with Ray Data; see README.md in this folder.

    python -m facemtl.export.apps.batch.batch photos --out faces

Repeating the command continues an interrupted run.
"""

import argparse
import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

from facemtl.arguments import finite_number, whole_number
from facemtl.errors import InputError
from facemtl.files.destinations import check_folder
from facemtl.presets import NAMES
from facemtl.process.cli import run
from facemtl.words import plural

from . import run_folder
from .listing import Listing, list_input
from .shards import Shard
from .summary import Outcome, Summary

# Imported packages; `run.sh` installs them in a separate environment.
PACKAGES = {"ray": "ray[data]", "pyarrow": "pyarrow"}
# Version of the columns of a row, which rows of one run share.
COLUMNS = 2


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command's arguments."""
    given = argparse.ArgumentParser(
        prog="run.sh",
        description="Detect faces in a folder of photos or in Parquet files, "
        "and predict. Repeating the command continues an interrupted run.",
    )
    add = given.add_argument
    add("input", type=Path, help="folder of photos, Parquet file, or folder")
    add("--out", required=True, help="folder of this run")
    add("--model", default="base", help="preset, run folder, or network file")
    whole, cores = whole_number, os.cpu_count()
    add("--workers", type=whole, default=cores, help="one core each")
    add("--shard", type=whole, default=500, help="photos per output file")
    words = "maximum size of a photo"
    add("--megapixels", type=finite_number, default=100, help=words)
    add("--ray", metavar="ADDRESS", help="cluster to join, such as auto")
    return given


def main(argv: Sequence[str] | None = None) -> int:
    """Start or continue a run.

    Returns:
        0 if every photo has a row, else 1.
    """
    args = parser().parse_args(argv)
    for name in ("workers", "shard", "megapixels"):
        value = getattr(args, name)
        if not value > 0:
            raise InputError(f"Expected --{name} above 0. Received: {value:g}.")
    args.out = check_folder(args.out, "--out").absolute()
    # Workers may read paths in another working directory.
    model = Path(args.model).absolute()
    if args.model not in NAMES and model.exists():
        args.model = str(model)
    check_model(args.model)
    listing = list_input(args.input, args.out)
    check_packages()
    with run_folder.opened(args.out):
        return go_on(args, listing)


def check_model(model: str) -> None:
    """Raise `InputError` if the network is missing, before Ray starts."""
    from facemtl.inference.predictor import Predictor

    Predictor.load(model)


def check_packages() -> None:
    """Raise `InputError` if Ray or Arrow is missing, before a run begins."""
    for module, package in PACKAGES.items():
        if find_spec(module) is None:
            raise InputError(
                f"Expected the package {package}. Received: a Python without "
                f"it. Get it: pip install '{package}'"
            )


def go_on(args: argparse.Namespace, listing: Listing) -> int:
    """Process the unfinished shards."""
    from .plan import plan

    settings = {
        "input": str(args.input.absolute()),
        "model": args.model,
        "network": run_folder.model_digest(args.model),
        "shard": args.shard,
        "megapixels": args.megapixels,
        "columns": COLUMNS,
    }
    shards, left = plan(listing, args.out, settings)
    photos, n = sum(x.photos for x in shards), len(shards)
    print(
        f"{photos:,} {plural(photos, 'photo')} in {n:,} {plural(n, 'shard')}; "
        f"{n - len(left):,} of {n:,} finished.",
        file=sys.stderr,
    )
    return finish(args, left) if left else 0


def finish(args: argparse.Namespace, left: Sequence[Shard]) -> int:
    """Process shards with Ray and print the result."""
    from . import engine

    summary = Summary(len(left), sum(shard.photos for shard in left))
    folder = args.out / run_folder.FACES
    outcomes = engine.finish(
        left, folder, args.model, args.megapixels, args.workers, args.ray
    )
    with closing(outcomes):  # stops Ray before an error is printed
        failed = count(outcomes, summary, folder)
    run_folder.write_file(args.out, "summary.json", summary.to_dict())
    print(summary.last_line(), file=sys.stderr)
    return 1 if failed else 0


def count(outcomes: Iterable[Outcome], summary: Summary, folder: Path) -> int:
    """Count finished shards and print failed ones.

    Returns:
        The number of failed shards.

    Raises:
        InputError: if the disk is full, because the other shards would fail
            too.
    """
    failed = 0
    for outcome in outcomes:
        if outcome.full:
            raise InputError(
                f"Expected to write into {folder}. Received: {outcome.full}. "
                f"{len(summary.outcomes):,} of {summary.shards:,} "
                f"{plural(summary.shards, 'shard')} done; the same command "
                "goes on."
            )
        if outcome.failure:
            failed += 1
            print(f"error: {outcome.name}: {outcome.failure}", file=sys.stderr)
        else:
            summary.add(outcome)
    return failed


if __name__ == "__main__":
    run(main)
