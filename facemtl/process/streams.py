"""A command's standard streams: always open, printable, closed quietly.

Commands own their process and may replace missing streams. Library code only
reads streams, which may be None in a program without a console.
"""

import io
import os
import select
import sys
from contextlib import suppress
from typing import Any

NAMES = ("stdin", "stdout", "stderr")


def on_terminal(stream: Any) -> bool:
    """Return whether a stream is a terminal.

    Args:
        stream: such as `sys.stdout`; may be None or closed.

    Example:

    >>> on_terminal(None)
    False
    """
    try:
        return bool(stream.isatty())
    except (AttributeError, ValueError):  # None; a closed stream
        return False


def shown(verbose: int) -> int:
    """Return the verbosity for Keras: 0 if standard output is closed.

    Example:

    >>> shown(2)
    2
    """
    return 0 if getattr(sys.stdout, "closed", True) else verbose


def open_standard_streams() -> None:
    """Open the standard streams that the process was started without.

    Characters that a stream cannot print are escaped. Call this first: a file
    that is opened before gets a missing stream's descriptor, and libraries then
    write their errors into that file.
    """
    descriptor = os.open(os.devnull, os.O_RDWR)
    while descriptor < len(NAMES):  # The system returns the lowest free one.
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
    """Return whether a pipe's reader has closed it, as `| head` does."""
    if not hasattr(select, "poll"):  # Windows
        return False
    asked = select.poll()
    with suppress(AttributeError, ValueError, OSError):
        asked.register(stream, 0)  # Errors are reported for any event mask.
        return bool(asked.poll(0))
    return False


def end_standard_streams() -> OSError | None:
    """Flush the standard streams; return the error, or None.

    A failed stream is redirected to the null device, so that Python's own flush
    at exit reports nothing.
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
