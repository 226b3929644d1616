"""`python -m facemtl.data check`: check labelled faces before training."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from facemtl.config import load_settings
from facemtl.data.settings import data_path
from facemtl.errors import InputError
from facemtl.files.destinations import check_apart, check_folder
from facemtl.files.lock import locked
from facemtl.pages import guide
from facemtl.process.packages import check_packages
from facemtl.process.streams import on_terminal
from facemtl.settings import DataSettings
from facemtl.words import plural

if TYPE_CHECKING:
    from facemtl.data.check.seen import Finding, Seen
    from facemtl.data.faces import BadRows

MOST_ROWS = 200  # Skipped rows that are listed.


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(
        prog="facemtl data check",
        description="Check labelled faces, and report what may be wrong with "
        "them: a summary, then one line per finding.",
        epilog="Exit status: 0 if nothing is suspicious, 1 if something is, "
        "2 if the source cannot be read. " + guide("data/README.md"),
    )
    parser.add_argument(
        "source",
        metavar="SOURCE",
        help="any source of `facemtl fit --data`: folder or zip of MTFL, a "
        "CSV, or 'synthetic'",
    )
    parser.add_argument(
        "--draw",
        metavar="DIR",
        help="write sheets of faces with boxes, points and classes: random "
        "faces, and the first faces of each finding",
    )
    parser.add_argument(
        "--set",
        dest="settings",
        metavar="data.KEY=VALUE",
        action="append",
        default=[],
        help="one setting of data, such as data.tasks=tasks.toml; may be "
        "repeated",
    )
    parser.add_argument(
        "--skip-bad",
        action="store_true",
        help="skip and list invalid rows instead of stopping at the first",
    )
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Check the faces and print the report; return the exit status."""
    args = parser().parse_args(argv)
    if args.draw is not None:
        check_packages("facemtl data check --draw", "matplotlib")
    data = _data_settings(args.source, args.settings)
    if args.draw is not None:
        check_folder(args.draw, "--draw")
        check_apart({"--draw": args.draw}, {"SOURCE": data_path(args.source)})
    from facemtl.data.check.look import all_findings
    from facemtl.data.check.raw import explained
    from facemtl.data.check.seen import seen_splits
    from facemtl.data.check.summary import summary
    from facemtl.data.check.thumbnails import read_thumbnails
    from facemtl.data.faces import BadRows
    from facemtl.data.sources import load_splits

    bad = BadRows(args.skip_bad)
    try:
        splits = load_splits(data, bad)
    except InputError as error:
        raise explained(error, args.source) from None
    seen = seen_splits(splits)
    print(f"Data: {args.source}\n")
    print("\n".join(summary(seen)), flush=True)
    for note in splits.notes:
        print(f"\n{note}")
    n = len(seen)
    print(f"\nReading the photos of {n:,} {plural(n, 'face')} …", flush=True)
    shown = int(on_terminal(sys.stdout))
    seen, images = read_thumbnails(seen, bad, data.cache, shown)
    findings = all_findings(seen, images, data.size)
    _print_skipped(bad)
    _print_findings(findings)
    if args.draw is not None:
        _draw(seen, findings, args.draw)
    return 1 if findings or bad.counts else 0


def _data_settings(source: str, settings: Sequence[str]) -> DataSettings:
    """Return the settings of `[data]`."""
    other = [text for text in settings if not text.startswith("data.")]
    if other:
        raise InputError(
            f"Expected --set data.KEY=VALUE. Received: {other[0]!r}."
        )
    return load_settings(settings=[*settings, f"data.source={source}"]).data


def _print_skipped(bad: "BadRows") -> None:
    if bad.counts:
        print(f"\n{bad.summary()}")
        for where, reason, detail in bad.rows[:MOST_ROWS]:
            print(f"  {where}: {reason}: {detail}")
        more = len(bad.rows) - MOST_ROWS
        if more > 0:
            print(f"  and {more:,} more")


def _print_findings(findings: "Sequence[Finding]") -> None:
    if not findings:
        print("\nNothing suspicious.")
        return
    n = len(findings)
    print(f"\n{n} {plural(n, 'finding')}:")
    for i, finding in enumerate(findings, 1):
        print(f"  {i}. {finding.text}")


def _draw(seen: "Seen", findings: "Sequence[Finding]", folder: str) -> None:
    from facemtl.data.check.sheets import draw_sheets

    with locked(Path(folder)):
        index = draw_sheets(seen, findings, Path(folder))
    print(f"\nSheets of faces: {index}")
