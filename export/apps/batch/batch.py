"""Faces of millions of photos, by Ray Data. See README.md beside this file.

    python -m facemtl.export.apps.batch.batch photos --out faces

The same command again goes on where it stopped.
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
from facemtl.process.cli import run
from facemtl.words import plural

from . import run_folder
from .listing import Listing, list_input
from .shards import Shard
from .summary import Outcome, Summary

# By module; `run.sh` has them in an environment of its own.
PACKAGES = {"ray": "ray[data]", "pyarrow": "pyarrow"}


def parser() -> argparse.ArgumentParser:
    """The command's arguments."""
    given = argparse.ArgumentParser(
        prog="run.sh",
        description="Find the faces of a folder of photos or of Parquet files. "
        "The same command again goes on where it stopped.",
    )
    add = given.add_argument
    add("input", type=Path, help="folder of photos, Parquet file, or folder")
    add("--out", required=True, help="folder; a run's own")
    add("--model", default="base", help="preset, run folder, or network file")
    whole, cores = whole_number, os.cpu_count()
    add("--workers", type=whole, default=cores, help="one core each")
    add("--shard", type=whole, default=500, help="photos a file of the output")
    words = "the most of a photo"
    add("--megapixels", type=finite_number, default=100, help=words)
    add("--ray", metavar="ADDRESS", help="cluster to join, such as auto")
    return given


def main(argv: Sequence[str] | None = None) -> int:
    """Start or go on.

    Returns:
        0 if every photo has a row, 1 if not.
    """
    args = parser().parse_args(argv)
    for name in ("workers", "shard", "megapixels"):
        value = getattr(args, name)
        if not value > 0:
            raise InputError(f"Expected --{name} above 0. Received: {value:g}.")
    args.out = check_folder(args.out, "--out").absolute()
    # What a network or a photo is, workers may read in another folder.
    model = str(Path(args.model).absolute())
    args.model = model if Path(model).exists() else args.model
    check_model(args.model)
    listing = list_input(args.input, args.out)
    check_packages()
    with run_folder.opened(args.out):
        return go_on(args, listing)


def check_model(model: str) -> None:
    """Raise `InputError` if there is no such network, before Ray starts."""
    from facemtl.inference.predictor import Predictor

    Predictor.load(model)


def check_packages() -> None:
    """Raise `InputError` where Ray or Arrow is missing, before a run begins."""
    for module, package in PACKAGES.items():
        if find_spec(module) is None:
            raise InputError(
                f"Expected the package {package}. Received: a Python without "
                f"it. Get it: pip install '{package}'"
            )


def go_on(args: argparse.Namespace, listing: Listing) -> int:
    """Do the shards that are not finished."""
    from .plan import plan

    settings = {
        "input": str(args.input.absolute()),
        "model": args.model,
        "network": run_folder.model_digest(args.model),
        "shard": args.shard,
        "megapixels": args.megapixels,
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
    """Have Ray do it, and tell how it went."""
    from . import engine

    summary = Summary(len(left), sum(shard.photos for shard in left))
    folder = args.out / run_folder.FACES
    outcomes = engine.finish(
        left, folder, args.model, args.megapixels, args.workers, args.ray
    )
    with closing(outcomes):  # Ray is stopped before the error is told.
        failed = count(outcomes, summary, folder)
    run_folder.write_file(args.out, "summary.json", summary.to_dict())
    print(summary.last_line(), file=sys.stderr)
    return 1 if failed else 0


def count(outcomes: Iterable[Outcome], summary: Summary, folder: Path) -> int:
    """Count finished shards, and tell of those that failed.

    Returns:
        How many failed.

    Raises:
        InputError: if the disk is full: the others would find no room either.
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
