"""`python -m facemtl.export`: export a network, or check an export."""

import argparse
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from facemtl.data.settings import data_path
from facemtl.errors import InputError
from facemtl.files.destinations import check_apart, check_folder
from facemtl.inference.runtimes.export_folder import ONNX
from facemtl.pages import guide
from facemtl.presets import NAMES
from facemtl.process.cli import add_data_arguments, load_tensorflow, verbosity
from facemtl.process.packages import NETWORKS, WRITE_ONNX, check_packages

FORMATS = "saved_model,tflite,onnx"


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command's arguments."""
    parser = argparse.ArgumentParser(
        prog="facemtl export",
        description="Write a trained network as files that apps load without "
        "facemtl, or compare exported files on labelled faces.",
        epilog=guide("export/README.md"),
    )
    parser.add_argument(
        "model",
        metavar="MODEL",
        nargs="?",
        help=f"{', '.join(NAMES)}, a run folder or a .keras file",
    )
    parser.add_argument("--out", metavar="DIR", help="the folder to write")
    parser.add_argument(
        "--formats",
        metavar="LIST",
        default=FORMATS,
        help=f"separated by commas (default: {FORMATS})",
    )
    parser.add_argument(
        "--quantize",
        metavar="LIST",
        default="all",
        help="for TFLite: none, float16, dynamic, int8, or all (default); int8 "
        "is calibrated on training faces of --data, and all has it only with "
        "--data",
    )
    parser.add_argument(
        "--mirrored",
        action="store_true",
        help="predict with the mean of a face and its mirror image: more "
        "accurate, and twice as slow",
    )
    parser.add_argument(
        "--licence",
        metavar="TEXT",
        default="",
        help="licence of your own training data, for facemtl.json",
    )
    parser.add_argument(
        "--overwrite",
        action="store_true",
        help="replace an export of another network in --out (default: refuse)",
    )
    _add_check(parser)
    add_data_arguments(parser)
    return parser


def _add_check(parser: argparse.ArgumentParser) -> None:
    """Add arguments of the comparison of formats."""
    parser.add_argument(
        "--check",
        metavar="DIR",
        help="compare the formats in a folder on the test faces of --data; "
        "exit status 1 if a difference exceeds its tolerance",
    )
    parser.add_argument(
        "--report",
        metavar="DIR",
        help="for --check: folder of check.md and check.json (default: beside "
        "the formats)",
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Export or check; return 1 if a format fails the check."""
    args = parser().parse_args(argv)
    check_packages("facemtl export", *NETWORKS, *_runtimes(args))
    if bool(args.check) == bool(args.model):
        raise InputError(
            "Expected MODEL --out DIR to export, or --check DIR --data DIR to "
            "check. Received: "
            f"{'both' if args.check else 'neither MODEL nor --check'}."
        )
    if args.model and args.out is None:
        raise InputError("Expected --out DIR. Received none.")
    _check_destinations(args)
    load_tensorflow()
    if args.check:
        return _check(args)
    _export(args)
    return 0


def _runtimes(args: argparse.Namespace) -> tuple[str, ...]:
    """Return the packages that the formats need."""
    if args.check:
        has_onnx = Path(args.check, ONNX).exists()
        return ("onnxruntime",) if has_onnx else ()
    return WRITE_ONNX if "onnx" in args.formats.split(",") else ()


def _check_destinations(args: argparse.Namespace) -> None:
    """Refuse unwritable paths before a network is loaded."""
    read = {"--data": data_path(args.data), "MODEL": args.model}
    if args.model:
        check_folder(args.out, "--out")
        check_apart({"--out": args.out}, read)
        check_apart({"model.keras in --out": f"{args.out}/model.keras"}, read)
    else:
        folder = args.check if args.report is None else args.report
        option = "--check" if args.report is None else "--report"
        check_folder(folder, option)


def _export(args: argparse.Namespace) -> None:
    from facemtl.data.faces import BadRows
    from facemtl.export.calibration import calibration_crops
    from facemtl.export.formats import ALL, export_network

    formats, quantize = args.formats.split(","), args.quantize.split(",")
    calibration = None
    if args.data:
        bad = BadRows(args.skip_bad)
        calibration = partial(
            calibration_crops, source=args.data, bad=bad, verbose=verbosity()
        )
    elif ALL in quantize and "tflite" in formats:
        print("int8 is left out: it is calibrated on training faces (--data).")
    export_network(
        args.model,
        args.out,
        formats,
        quantize,
        calibration,
        args.licence,
        args.mirrored,
        overwrite=args.overwrite,
    )


def _check(args: argparse.Namespace) -> int:
    from facemtl.data.faces import BadRows
    from facemtl.data.one_source import find_source
    from facemtl.export.check import check_export
    from facemtl.export.check_table import write_check

    bad, source = BadRows(args.skip_bad), find_source(args.data)
    checks = check_export(args.check, source, bad, verbosity())
    report = None if args.report is None else Path(args.report)
    print(write_check(checks, source, Path(args.check), report))
    if bad.skip:
        print(bad.summary() or "No invalid rows.")
    return 1 if any(check.fault for check in checks) else 0
