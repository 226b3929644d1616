"""Find the system error behind another library's error.

Keras, HDF5, zipfile and TensorFlow report a full disk by different errors.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CODES = (
    *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS),
    *(errno.EIO, errno.EACCES, errno.EPERM),
)
REASONS = {os.strerror(code): code for code in CODES}


def system_error(error: BaseException | None) -> OSError | None:
    """Return the system error that caused another error; None without one.

    Args:
        error: the raised error.

    Example:

    >>> said = ValueError("flush: errno = 28, 'No space left on device'")
    >>> system_error(said)
    OSError(28, 'No space left on device')
    >>> system_error(ValueError("no number")) is None
    True
    """
    while error is not None:
        if isinstance(error, OSError) and error.errno in CODES:
            return error
        for reason, code in REASONS.items():
            if reason in str(error):
                return OSError(code, reason)
        # Closing a file may fail because writing it failed.
        error = error.__cause__ or error.__context__
    return None


def reason(error: Exception) -> str:
    """Return why something failed, without an OSError's number and file name.

    Example:

    >>> reason(OSError(28, "No space left on device", "faces.csv"))
    'No space left on device'
    """
    # Some errors of damaged files have no text.
    said = getattr(error, "strerror", None) or str(error)
    return said or type(error).__name__


@contextmanager
def as_system_errors(file: Path) -> Iterator[None]:
    """Raise system errors of any library as an OSError that names `file`."""
    try:
        yield
    except Exception as error:
        found = system_error(error)
        if found is None:
            raise
        raise OSError(found.errno, found.strerror, str(file)) from error
