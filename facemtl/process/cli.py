"""Common code of all commands: quiet logs, one-line errors."""

import argparse
import gc
import os
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from facemtl.errors import InputError, RunFailed
from facemtl.files.system_errors import system_error
from facemtl.process.keras_settings import BACKENDS, check_keras_settings
from facemtl.process.packages import (
    NETWORKS,
    check_packages,
    import_package,
)
from facemtl.process.start import quiet_tensorflow
from facemtl.process.streams import (
    end_standard_streams,
    has_no_reader,
    on_terminal,
    open_standard_streams,
)
from facemtl.words import one_line

Main = Callable[[Sequence[str] | None], int]
# The status that shells report for a broken pipe (128 + SIGPIPE).
NO_READER = 141


def load_tensorflow(
    user: str = "This command", backends: Sequence[str] = BACKENDS[:1]
) -> None:
    """Import TensorFlow without its start-up lines.

    Args:
        user: who needs it, for the message if it is missing.
        backends: Keras's backends that will do.

    Raises:
        InputError: if Keras has settings that facemtl does not support, or a
            package is missing.
    """
    check_packages(user, *NETWORKS)
    check_keras_settings(backends)
    quiet_tensorflow()
    with _without("sklearn"), _without("matplotlib"), _uncollected():
        for name in NETWORKS:
            import_package(name, user)


@contextmanager
def _without(module: str) -> Iterator[None]:
    """Import packages as if a module that they use were not installed.

    Keras imports scikit-learn and Matplotlib, where they are installed, for
    wrappers and pictures that no command uses: a half of its own import.
    """
    known = sys.modules.get(module)
    if known is None:
        sys.modules[module] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if known is None:
            del sys.modules[module]


@contextmanager
def _uncollected() -> Iterator[None]:
    """Import packages without looking for garbage.

    There is none, and Python would look through the same objects again and
    again: an eighth of the import's time.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def add_data_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of commands that read labelled faces."""
    parser.add_argument(
        "--data",
        metavar="SOURCE",
        default="",
        help="folder or zip of MTFL; a CSV or TSV file, or its folder; or "
        "'synthetic' (generated faces). Default: data/MTFL if it exists, else "
        "synthetic",
    )
    parser.add_argument(
        "--skip-bad",
        action="store_true",
        help="skip and count invalid rows instead of stopping at the first",
    )


def verbosity() -> int:
    """Return 1 (progress bar) on a terminal, else 2 (one line per epoch)."""
    return 1 if on_terminal(sys.stdout) else 2


def run(main: Main) -> None:
    """Run a command's `main` and exit with its status.

    An `InputError` is printed in one line, with status 2. Failed runs and
    system errors such as a full disk have status 1, and Ctrl-C has 130. If the
    reader of a pipe has closed it, as in `| head`, the command ends silently
    with status 141. Warnings are printed in one line.
    """
    open_standard_streams()
    # Errors of OpenCV and FFmpeg are reported by Python exceptions.
    os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    warnings.formatwarning = lambda message, *_: f"warning: {message}\n"
    try:
        status = _status(main)
    except OSError as error:
        status = _system_failed(system_error(error) or error)
    except Exception as error:  # Libraries wrap system errors.
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
    except SystemExit as end:  # from argparse
        return end.code
    except InputError as error:
        print(f"error: {one_line(str(error))}", file=sys.stderr)
        return 1 if isinstance(error, RunFailed) else 2
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130


def _system_failed(error: OSError) -> int:
    """Print a system error such as a full disk; return the exit status."""
    if any(map(has_no_reader, (sys.stdout, sys.stderr))):
        return NO_READER
    file = f"{error.filename}: " if error.filename else ""
    reason = f"{file}{error.strerror or error}"
    with suppress(OSError):
        print(f"error: {one_line(reason)}.", file=sys.stderr)
    return 1
