"""What the system refuses, from libraries that do not say it in an OSError.

Keras, HDF5, ZIP and TensorFlow report a full disk each by an error of its own.
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
    """The system's own error behind another one; None where there is none.

    Args:
        error: as it was raised.

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
        # Such as a file that could not be closed, as it could not be written.
        error = error.__cause__ or error.__context__
    return None


def reason(error: Exception) -> str:
    """Why something failed, without the number and the name of an OSError.

    Example:

    >>> reason(OSError(28, "No space left on device", "faces.csv"))
    'No space left on device'
    """
    # Some errors of damaged files say nothing.
    said = getattr(error, "strerror", None) or str(error)
    return said or type(error).__name__


@contextmanager
def as_system_errors(file: Path) -> Iterator[None]:
    """Raise what the system refuses as an OSError that names a file."""
    try:
        yield
    except Exception as error:
        found = system_error(error)
        if found is None:
            raise
        raise OSError(found.errno, found.strerror, str(file)) from error
