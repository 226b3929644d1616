"""Calls into libraries that write to standard error on their own.

C and C++ code writes to descriptor 2 of the process, past Python. Closing that
for all threads would swallow what others say meanwhile, so such a call gets a
thread with descriptors of its own.
"""

import ctypes
import os
import sys
import threading
from collections.abc import Callable
from typing import Any, TypeVar

Result = TypeVar("Result")
UNSHARE = 2  # CLOSE_RANGE_UNSHARE of <linux/close_range.h>
_MOST = 2**16  # bytes of words that are kept


def without_native_words(
    call: Callable[..., Result], *args: Any, **kwargs: Any
) -> Result:
    """Call a function, without what its libraries write to standard error.

    The process's standard streams stay as they are. Files that the function
    opens are of its thread alone: it must close them, and start no threads that
    live on. Beside Linux, the words are seen.

    Args:
        call: the function.
        *args: its arguments.
        **kwargs: its arguments by name.

    Returns:
        What the function returns; what it raises is raised.

    Example:

    >>> without_native_words(max, 1, 2)
    2
    """
    return with_native_words(call, *args, **kwargs)[0]


def with_native_words(
    call: Callable[..., Result], *args: Any, **kwargs: Any
) -> tuple[Result, str]:
    """The same, with the words; "" where they cannot be kept.

    Example:

    >>> with_native_words(max, 1, 2)
    (2, '')
    """
    if sys.platform != "linux":
        return call(*args, **kwargs), ""
    results: list[tuple[Result, str]] = []
    errors: list[BaseException] = []

    def work() -> None:
        try:
            left = _leave_standard_error()
            result = call(*args, **kwargs)
            results.append((result, _words() if left else ""))
        except BaseException as error:  # It is raised again by the caller.
            errors.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]


def _leave_standard_error() -> bool:
    """Give this thread descriptors of its own, the second one a file's.

    Returns:
        Whether it has them: old kernels and C libraries have no such call, and
        the words are seen then.
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
    """What was written to this thread's second descriptor."""
    return os.pread(2, _MOST, 0).decode("utf-8", "replace")
