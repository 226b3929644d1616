"""Read the bytes of untrusted files: limited in size and in time.

Regular files are read up to a limit. So are pipes that a user names, such as
`<(curl …)`: their first byte and their end must come within seconds. Devices
and sockets are refused, and so are pipes in lists of photos. A refused file
raises an `OSError` whose `strerror` gives the reason.
"""

import errno
import os
import select
import stat
import time
from pathlib import Path

MOST_LABELS = 2**30  # bytes: 68 points of some million faces
MOST_SETTINGS = 2**24
# Seconds until a pipe's first byte, and until its end.
FIRST, LAST = 10.0, 30.0
_PART = 2**20
_KINDS = (
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISFIFO, "a pipe"),
)


def read_limited(
    path: str | Path, most: int, advice: str = "", pipes: bool = False
) -> bytes:
    """Return all bytes of a file.

    Args:
        path: the file.
        most: the largest size in bytes.
        advice: what to do with a larger file, for the message.
        pipes: whether a pipe is allowed.

    Raises:
        OSError: if the file cannot be read or is refused.

    Example:

    >>> read_limited("/dev/null", 100)
    Traceback (most recent call last):
        ...
    OSError: [Errno 22] a device, expected a regular file: '/dev/null'
    """
    # Checked before opening: opening some devices has side effects.
    check_regular(path, pipes)
    # Without O_NONBLOCK, opening a pipe without a writer would block.
    flags = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, os.O_RDONLY | flags), "rb", 0) as file:
        status = os.fstat(file.fileno())
        if stat.S_ISFIFO(status.st_mode):
            data, size = _read_pipe(file.fileno(), path, most), 0
        else:
            size = status.st_size
            # One byte more, to detect a growing file.
            data = b"" if size > most else _read(file.fileno(), most + 1, size)
    size = max(size, len(data))
    if size > most:
        raise too_many(size, most, advice, str(path))
    return data


def is_file(path: str | Path) -> bool:
    """Return whether a path is a regular file or a link to one.

    Unlike `Path.is_file`, never raises for a name that no file can have.

    Example:

    >>> is_file(1000 * "a"), is_file("a\\0")
    (False, False)
    """
    return os.path.isfile(path)  # noqa: PTH113


def too_many(size: int, most: int, advice: str, path: str) -> OSError:
    """Return the error for a file of at least `size` bytes, over the limit."""
    reason = f"{size:,} bytes or more, expected at most {most:,}{advice}"
    return OSError(errno.EFBIG, reason, path)


def check_regular(path: str | Path, pipes: bool = False) -> None:
    """Raise `OSError` unless the path is a regular file (or a pipe)."""
    mode = Path(path).stat().st_mode
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(
            errno.EISDIR, os.strerror(errno.EISDIR), str(path)
        )
    for is_kind, name in _KINDS:
        if is_kind(mode) and not (pipes and is_kind is stat.S_ISFIFO):
            reason = f"{name}, expected a regular file"
            raise OSError(errno.EINVAL, reason, str(path))


def _read(descriptor: int, most: int, size: int) -> bytes:
    """Return up to `most` bytes of a regular file of reported size `size`."""
    data = bytearray()
    # Files in /proc report size 0, so this reads until the end.
    while len(data) < most:
        part = os.read(descriptor, min(most - len(data), max(size, _PART)))
        if not part:
            break
        data += part
    return bytes(data)


def _read_pipe(descriptor: int, path: str | Path, most: int) -> bytes:
    """Return up to `most` + 1 bytes; raise `OSError` after a timeout."""
    data = bytearray()
    start = time.monotonic()
    while len(data) <= most:
        limit = LAST if data else FIRST
        left = start + limit - time.monotonic()
        if left <= 0:
            what = "its end" if data else "a first byte"
            reason = f"a pipe without {what} after {limit:g} seconds"
            raise OSError(errno.ETIMEDOUT, reason, str(path))
        try:
            part = os.read(descriptor, _PART)
        except BlockingIOError:
            poll = select.poll()
            poll.register(descriptor, select.POLLIN)
            poll.poll(1000 * left)
            continue
        if not part and data:
            break
        if not part:  # No process has opened it for writing yet.
            time.sleep(min(0.05, left))
        data += part
    return bytes(data)
