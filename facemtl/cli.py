"""What every command does alike: quiet logs, errors in one line."""

import argparse
import os
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from facemtl.errors import InputError
from facemtl.keras_settings import check_keras_settings
from facemtl.packages import import_package


def load_tensorflow() -> None:
    """Import TensorFlow without its start-up lines.

    Some are written before its log level counts, straight to the process's
    standard error; they say nothing to a user of a command.

    Raises:
        InputError: for settings of Keras that facemtl cannot use, or where a
            package is missing.
    """
    check_keras_settings()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with quiet():
        for name in ("tensorflow", "keras"):
            import_package(name, name)


@contextmanager
def quiet() -> Iterator[None]:
    """Nothing reaches standard error, not even what C++ code writes to it."""
    sys.stderr.flush()
    shown = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    try:
        yield
    finally:
        os.dup2(shown, 2)
        os.close(shown)


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
    return 1 if sys.stdout.isatty() else 2


def run(main: Callable[[Sequence[str] | None], int]) -> None:
    """Run a command's `main` and exit with its status.

    An `InputError` is printed in one line, status 2; Ctrl-C is status 130.
    Warnings are printed in one line, too.
    """
    warnings.formatwarning = lambda message, *_: f"warning: {message}\n"
    try:
        status = main(None)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        status = 2
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        status = 130
    sys.exit(status)
