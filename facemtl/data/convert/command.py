"""`facemtl data convert`: convert labels of another format to a CSV."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from facemtl.data.convert.formats import TITLES, Source, read_labels
from facemtl.data.convert.summary import (
    found_in_words,
    next_commands,
    skipped_in_words,
)
from facemtl.data.convert.write import check_target, write_labels
from facemtl.data.faces import BadRows
from facemtl.data.other_formats import UNDERSTOOD
from facemtl.pages import guide


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(
        prog="facemtl data convert",
        description="Convert labels of another format to a CSV of facemtl, "
        f"with a tasks.toml in the same folder. Formats: {UNDERSTOOD}.",
        epilog="Photos are not copied: the CSV has their paths. "
        + guide("data/README.md"),
    )
    parser.add_argument(
        "sources",
        metavar="SOURCE",
        nargs="+",
        type=Path,
        help="a file of labels, or a folder with such files",
    )
    parser.add_argument(
        "--to",
        metavar="CSV",
        required=True,
        type=Path,
        help="the file to write",
    )
    _add_choices(parser)
    return parser


def _add_choices(parser: argparse.ArgumentParser) -> None:
    """Arguments of what is read, and how."""
    parser.add_argument(
        "--format",
        choices=list(TITLES),
        default="",
        help="the format, if it is not recognised",
    )
    parser.add_argument(
        "--photos",
        metavar="DIR",
        type=Path,
        help="the folder of the photos, if not near the labels (not with pts)",
    )
    parser.add_argument(
        "--category",
        metavar="NAME",
        default="",
        help="the category of a COCO JSON, if several have keypoints",
    )
    parser.add_argument(
        "--skip-bad",
        action="store_true",
        help="skip, count and list invalid rows instead of stopping at the "
        "first",
    )
    parser.add_argument(
        "--overwrite",
        action="store_true",
        help="replace the CSV and tasks.toml, if they exist",
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run the conversion, and print a summary and the next commands."""
    args = parser().parse_args(argv)
    check_target(args.to, args.sources, args.overwrite)
    source = Source(
        tuple(args.sources), args.format, args.photos, args.category
    )
    bad = BadRows(skip=args.skip_bad)
    print(f"Reading {', '.join(map(str, args.sources))} …", flush=True)
    form, labels = read_labels(source, bad)
    write_labels(labels, args.to, args.overwrite)
    print(f"Format: {TITLES[form]} ({form}).")
    print("\n".join(found_in_words(labels)))
    if bad.rows:
        listed = args.to.with_name(f"{args.to.stem}_skipped.csv")
        bad.write(listed)
        print(skipped_in_words(bad.summary(), bad.lines()))
        print(f"All of them: {listed}")
    print(f"Written: {args.to} and {args.to.with_name('tasks.toml')}. Next:")
    print("\n".join(next_commands(labels, args.to)))
    return 0
