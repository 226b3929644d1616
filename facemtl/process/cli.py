"""What every command does alike: quiet logs, errors in one line."""

import argparse
import os
import sys
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress

from facemtl.errors import InputError, RunFailed
from facemtl.files.system_errors import system_error
from facemtl.process.keras_settings import check_keras_settings
from facemtl.process.packages import import_package
from facemtl.process.start import quiet_tensorflow
from facemtl.process.streams import (
    end_standard_streams,
    has_no_reader,
    on_terminal,
    open_standard_streams,
)
from facemtl.words import one_line

Main = Callable[[Sequence[str] | None], int]
# As shells report a program that wrote to a pipe without a reader.
NO_READER = 141


def load_tensorflow() -> None:
    """Import TensorFlow without its start-up lines.

    Raises:
        InputError: for settings of Keras that facemtl cannot use, or where a
            package is missing.
    """
    check_keras_settings()
    quiet_tensorflow()
    for name in ("tensorflow", "keras"):
        import_package(name, name)


def add_data_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of every command that reads labelled faces."""
    parser.add_argument(
        "--data",
        metavar="SOURCE",
        default="",
        help="folder or zip of MTFL, a CSV or TSV or the folder of one, or "
        "'synthetic'. Without it: data/MTFL if it is there, else synthetic "
        "(drawn faces)",
    )
    parser.add_argument(
        "--skip-bad",
        action="store_true",
        help="skip and count bad rows instead of stopping at the first",
    )


def verbosity() -> int:
    """1 (a bar) on a terminal; else 2 (a line an epoch), as for a log file."""
    return 1 if on_terminal(sys.stdout) else 2


def run(main: Main) -> None:
    """Run a command's `main` and exit with its status.

    An `InputError` is printed in one line, status 2; so are a run that failed
    and what the system refuses, such as a full disk, status 1. Ctrl-C is status
    130. A reader that has gone, as in `| head`, ends the command without a
    word, status 141.
    Warnings are printed in one line, too.
    """
    open_standard_streams()
    # What OpenCV and FFmpeg write of a broken file comes as an error, too.
    os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    warnings.formatwarning = lambda message, *_: f"warning: {message}\n"
    try:
        status = _status(main)
    except OSError as error:
        status = _system_failed(system_error(error) or error)
    except Exception as error:  # Libraries say it in their own ways.
        found = system_error(error)
        if found is None:
            raise
        status = _system_failed(found)
    fault = end_standard_streams()
    if isinstance(fault, BrokenPipeError):
        status = NO_READER
    elif fault:
        status = _system_failed(fault)
    sys.exit(status)


def _status(main: Main) -> int | str | None:
    try:
        return main(None)
    except SystemExit as end:  # argparse's
        return end.code
    except InputError as error:
        print(f"error: {one_line(str(error))}", file=sys.stderr)
        return 1 if isinstance(error, RunFailed) else 2
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130


def _system_failed(error: OSError) -> int:
    """The status of what the system refused, such as a full disk."""
    if any(map(has_no_reader, (sys.stdout, sys.stderr))):
        return NO_READER
    file = f"{error.filename}: " if error.filename else ""
    reason = f"{file}{error.strerror or error}"
    with suppress(OSError):
        print(f"error: {one_line(reason)}.", file=sys.stderr)
    return 1
