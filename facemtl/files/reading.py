"""The bytes of a file that others wrote: never endless, never waited for.

A regular file is read up to a limit. So is a pipe that a person names, such as
that of `<(curl …)`: it must have its first bytes and its end soon. Devices and
sockets are refused, and where a list names photos, so are pipes. What is
refused is an `OSError`, as what the system refuses: its `strerror` says why.
"""

import errno
import os
import select
import stat
import time
from pathlib import Path

MOST_LABELS = 2**30  # bytes: 68 points of some million faces
MOST_SETTINGS = 2**24
# Seconds until a pipe's first bytes, and until its end.
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
    """All bytes of a file.

    Args:
        path: the file.
        most: how many bytes it may have.
        advice: what to do with a larger one, for the message.
        pipes: whether it may be a pipe.

    Raises:
        OSError: if it cannot be read, or is not to be read.

    Example:

    >>> read_limited("/dev/null", 100)
    Traceback (most recent call last):
        ...
    OSError: [Errno 22] a device, expected a regular file: '/dev/null'
    """
    # Looked at first: to open some devices does something.
    check_regular(path, pipes)
    # Else a pipe without a writer would be waited for here.
    flags = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, os.O_RDONLY | flags), "rb", 0) as file:
        status = os.fstat(file.fileno())
        if stat.S_ISFIFO(status.st_mode):
            data, size = _read_pipe(file.fileno(), path, most), 0
        else:
            size = status.st_size
            # One more, by which a file that grows is known.
            data = b"" if size > most else _read(file.fileno(), most + 1, size)
    size = max(size, len(data))
    if size > most:
        raise too_many(size, most, advice, str(path))
    return data


def is_file(path: str | Path) -> bool:
    """Whether there is a regular file, or a link to one.

    Unlike `Path.is_file`, also for a name that no file can have.

    Example:

    >>> is_file(1000 * "a"), is_file("a\\0")
    (False, False)
    """
    return os.path.isfile(path)  # noqa: PTH113


def too_many(size: int, most: int, advice: str, path: str) -> OSError:
    """The error of a file that is too large; `size` is the least it has."""
    reason = f"{size:,} bytes or more, expected at most {most:,}{advice}"
    return OSError(errno.EFBIG, reason, path)


def check_regular(path: str | Path, pipes: bool = False) -> None:
    """Raise `OSError` for what is no regular file (nor pipe), or not there."""
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
    """Up to `most` bytes of a regular file that says it has `size`."""
    data = bytearray()
    # The size of a file of /proc is 0, whatever it holds.
    while len(data) < most:
        part = os.read(descriptor, min(most - len(data), max(size, _PART)))
        if not part:
            break
        data += part
    return bytes(data)


def _read_pipe(descriptor: int, path: str | Path, most: int) -> bytes:
    """Up to one byte more than `most`; `OSError` where nothing comes."""
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
        if not part:  # Nobody has opened it for writing yet.
            time.sleep(min(0.05, left))
        data += part
    return bytes(data)
