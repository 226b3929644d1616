"""The standard streams of a command: there, printable, and ended quietly.

A command owns its process and may mend them; library code only reads them, and
they may be None, as in a program without a console.
"""

import io
import os
import select
import sys
from contextlib import suppress
from typing import Any

NAMES = ("stdin", "stdout", "stderr")


def on_terminal(stream: Any) -> bool:
    """Whether a person reads this stream now.

    Args:
        stream: such as `sys.stdout`; it may be None or closed.

    Example:

    >>> on_terminal(None)
    False
    """
    try:
        return bool(stream.isatty())
    except (AttributeError, ValueError):  # None; a closed stream
        return False


def shown(verbose: int) -> int:
    """The verbosity that Keras can have: 0 where nothing can be shown.

    Example:

    >>> shown(2)
    2
    """
    return 0 if getattr(sys.stdout, "closed", True) else verbose


def open_standard_streams() -> None:
    """Give the process the streams it was started without.

    What a stream cannot print is escaped. Call it first: a file that is opened
    before gets the descriptor of the missing stream, and with it what libraries
    write to standard error.
    """
    descriptor = os.open(os.devnull, os.O_RDWR)
    while descriptor < len(NAMES):  # The lowest free one is given.
        descriptor = os.open(os.devnull, os.O_RDWR)
    os.close(descriptor)
    for name in NAMES:
        if getattr(sys, name) is None:
            mode = "r" if name == "stdin" else "w"
            nowhere = os.open(os.devnull, os.O_RDWR)
            setattr(sys, name, os.fdopen(nowhere, mode, encoding="utf-8"))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def has_no_reader(stream: Any) -> bool:
    """Whether the reader of a pipe has gone, as behind `| head`."""
    if not hasattr(select, "poll"):  # Windows
        return False
    asked = select.poll()
    with suppress(AttributeError, ValueError, OSError):
        asked.register(stream, 0)  # Errors are told without being asked for.
        return bool(asked.poll(0))
    return False


def end_standard_streams() -> OSError | None:
    """Write what is left; why that failed, or None.

    A stream that failed is led nowhere, so that Python's own end has nothing
    to complain about.
    """
    fault = None
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except ValueError:  # It is closed.
            continue
        except OSError as error:
            fault = error
            _lead_nowhere(stream)
    return fault


def _lead_nowhere(stream: Any) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    with suppress(OSError, ValueError):
        os.dup2(nowhere, stream.fileno())
        stream.flush()
    os.close(nowhere)
