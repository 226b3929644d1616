"""Capture what native libraries write to standard error.

C and C++ code writes directly to file descriptor 2. It is redirected if the
process has no other thread of Python, whose output would be lost. Otherwise the
call runs in a new thread with separate file descriptors, which takes longer.
"""

import ctypes
import io
import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

Result = TypeVar("Result")
UNSHARE = 2  # CLOSE_RANGE_UNSHARE of <linux/close_range.h>
_MOST = 2**16  # bytes of output that are kept


def without_native_words(
    call: Callable[..., Result], *args: Any, **kwargs: Any
) -> Result:
    """Call a function and discard what its libraries write to standard error.

    Files that the function opens may exist in its thread only: it must close
    them. It must not start threads that outlive it, nor processes. Outside
    Linux, the output is not discarded.

    Args:
        call: the function.
        *args: its positional arguments.
        **kwargs: its keyword arguments.

    Returns:
        The function's result; its exceptions are raised.

    Example:

    >>> without_native_words(max, 1, 2)
    2
    """
    return with_native_words(call, *args, **kwargs)[0]


def with_native_words(
    call: Callable[..., Result], *args: Any, **kwargs: Any
) -> tuple[Result, str]:
    """Call a function; return its result and the output, "" if not captured.

    Example:

    >>> with_native_words(max, 1, 2)
    (2, '')
    """
    work = partial(call, *args, **kwargs)
    if sys.platform != "linux":
        return work(), ""
    return _redirected(work) if _is_alone() else _in_thread(work)


def _is_alone() -> bool:
    """Return whether this is the only thread of Python in the process."""
    main = threading.main_thread().ident == threading.get_ident()
    return main and threading.active_count() == 1


def _redirected(call: Callable[[], Result]) -> tuple[Result, str]:
    """Call a function with the process's standard error in a file."""
    try:
        before = os.dup(2)
    except OSError:  # A closed stream; a file would take its number.
        return _in_thread(call)
    kept = os.memfd_create("words")
    try:
        os.dup2(kept, 2)
        result = call()
        return result, _words()
    finally:
        os.dup2(before, 2)
        os.close(before)
        os.close(kept)


def _in_thread(call: Callable[[], Result]) -> tuple[Result, str]:
    """Call a function in a thread with separate file descriptors."""
    results: list[tuple[Result, str]] = []
    errors: list[BaseException] = []

    def work() -> None:
        try:
            _open_streams()
            left = _leave_standard_error()
            result = call()
            results.append((result, _words() if left else ""))
        except BaseException as error:  # Raised again in the caller's thread.
            errors.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]


def _open_streams() -> None:
    """Let a notebook's streams open this thread's socket while it is shared.

    Jupyter's kernel opens one for each thread that prints, and closes it from
    another thread. If it does not exist there, ZeroMQ ends the kernel.
    """
    for stream in (sys.stdout, sys.stderr):
        if not isinstance(stream, io.TextIOWrapper | None):
            with suppress(Exception):
                stream.flush()


def _leave_standard_error() -> bool:
    """Give this thread separate file descriptors; redirect number 2 to a file.

    Returns:
        Whether that worked: old kernels and C libraries do not support it.
    """
    libc = ctypes.CDLL(None)
    if not hasattr(libc, "close_range") or libc.close_range(2, 2, UNSHARE):
        return False
    kept = os.memfd_create("words")
    if kept != 2:
        os.dup2(kept, 2)
        os.close(kept)
    return True


def _words() -> str:
    """Return what was written to descriptor 2, redirected to a file."""
    return os.pread(2, _MOST, 0).decode("utf-8", "replace")
