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
    if sys.platform != "linux":
        return call(*args, **kwargs)
    results: list[Result] = []
    errors: list[BaseException] = []

    def work() -> None:
        try:
            _leave_standard_error()
            results.append(call(*args, **kwargs))
        except BaseException as error:  # It is raised again by the caller.
            errors.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]


def _leave_standard_error() -> None:
    """Give this thread descriptors of its own, the second one nowhere."""
    libc = ctypes.CDLL(None)
    # Old kernels and C libraries have no such call: the words are seen then.
    if not hasattr(libc, "close_range") or libc.close_range(2, 2, UNSHARE):
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    if nowhere != 2:
        os.dup2(nowhere, 2)
        os.close(nowhere)
