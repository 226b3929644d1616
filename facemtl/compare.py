"""`python -m facemtl.compare`: train and compare the variants of a study."""

import argparse
import shutil
from collections.abc import Sequence
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING

from facemtl.arguments import whole_number
from facemtl.data.faces import BadRows
from facemtl.data.one_source import find_source
from facemtl.data.settings import data_path
from facemtl.errors import InputError
from facemtl.files.destinations import check_apart, check_folder
from facemtl.files.lock import locked
from facemtl.pages import guide
from facemtl.process.cli import add_data_arguments, run
from facemtl.process.environment import cores
from facemtl.process.packages import REPORT, TRAINING, check_packages
from facemtl.studies.results import (
    Results,
    gather,
    read_results,
    write_results,
)
from facemtl.studies.run import list_runs
from facemtl.studies.runner import train_all
from facemtl.studies.study import Study, load_study, study_names
from facemtl.words import plural

if TYPE_CHECKING:
    from markupsafe import Markup


def parser() -> argparse.ArgumentParser:
    """Return the command's argument parser."""
    parser = argparse.ArgumentParser(
        prog="facemtl compare",
        description="Train the variants of a study with several seeds and "
        "compare them. An interrupted study continues where it stopped.",
        epilog=guide("docs/compare.md"),
    )
    parser.add_argument(
        "study",
        metavar="STUDY",
        help=f"one of {', '.join(study_names())}, a TOML file, or a "
        "results.json to make its tables and page again",
    )
    add_data_arguments(parser)
    parser.add_argument(
        "--seeds",
        type=whole_number,
        default=0,
        metavar="N",
        help="number of seeds (default: that of the study)",
    )
    parser.add_argument(
        "--set",
        dest="settings",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="one setting for every variant; may be repeated",
    )
    _add_places(parser)
    return parser


def _add_places(parser: argparse.ArgumentParser) -> None:
    """Add the arguments for the number of parallel runs and for folders."""
    parser.add_argument(
        "--jobs",
        type=whole_number,
        default=cores(),
        metavar="N",
        help="runs at a time, one thread each (default: number of cores)",
    )
    parser.add_argument(
        "--runs",
        default="runs/studies",
        metavar="DIR",
        help="folder of the runs (default: runs/studies); studies share "
        "runs with the same settings",
    )
    parser.add_argument(
        "--gallery",
        type=whole_number,
        default=5,
        metavar="N",
        help="number of best, of median and of worst faces in the page "
        "(default: 5); 0 for a page without faces, which may be published",
    )
    parser.add_argument(
        "--out",
        metavar="DIR",
        help="folder of the results (default: runs/compare/STUDY)",
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Train the missing runs, then write the results."""
    args = parser().parse_args(argv)
    training = () if args.study.endswith(".json") else TRAINING
    check_packages("facemtl compare", *training, *REPORT)
    if args.study.endswith(".json"):
        file = Path(args.study)
        out = file.parent if args.out is None else args.out
        out = check_folder(out, "--out")
        results = read_results(file)
        with locked(out):
            return _report(results, out, None)
    if args.jobs < 1:
        raise InputError(f"Expected --jobs >= 1. Received: {args.jobs}.")
    study = load_study(args.study, args.seeds, args.settings)
    out = f"runs/compare/{study.name}" if args.out is None else args.out
    out = check_folder(out, "--out")
    check_folder(args.runs, "--runs")
    written = {"--out": out, "--runs": args.runs}
    for name, path in written.items():
        check_apart({name: path}, {"--data": data_path(args.data)})
    source = find_source(args.data)
    with locked(out):
        return _compare(args, study, source, out)


def _compare(
    args: argparse.Namespace, study: Study, source: str, out: Path
) -> int:
    """Train the missing runs, and write the results into a folder."""
    # Local imports, for --help where the report's packages are missing.
    from facemtl.studies.report.finding import warning
    from facemtl.studies.report.gallery import study_gallery

    runs = list_runs(study, source, args.runs)
    n = len(runs)
    print(f"{study.title} {n} {plural(n, 'run')} on {source}.", flush=True)
    if warning(study.seeds):
        print(f"Warning: {warning(study.seeds)}", flush=True)
    train_all(runs, args.jobs, args.skip_bad)
    print("All runs are finished. Comparing and drawing…", flush=True)
    results = gather(study, runs, _command(args, source))
    write_results(results, out / "results.json")
    gallery = study_gallery(runs, args.gallery, BadRows(args.skip_bad))
    return _report(results, out, gallery)


def _report(results: Results, out: Path, gallery: "Markup | None") -> int:
    """Write tables and page; print the tables and the finding."""
    from facemtl.studies.report.document import write_report
    from facemtl.studies.report.study_report import study_report

    report = study_report(results, gallery)
    write_report(report, out / "report.html", out / "table.md")
    print(f"\nThe whole report: {out / 'report.html'}\n")
    print(report.text(shutil.get_terminal_size((100, 24)).columns))
    return 0


def _command(args: argparse.Namespace, source: str) -> str:
    """Return the command that makes the same results, without local paths."""
    words = [f"facemtl compare {Path(args.study).name}"]
    words.append(f"--data {PureWindowsPath(source).name}")
    words += [f"--seeds {args.seeds}"] if args.seeds else []
    words += ["--skip-bad"] if args.skip_bad else []
    return " ".join(words + [f"--set '{x}'" for x in args.settings])


if __name__ == "__main__":
    run(main)
