"""One process at a time in a folder: a lock that dies with its process.

`.lock` in the folder is locked by the system, which lets go of it when the
process ends, however it ends: a file that a killed process left behind is no
lock. `.lock-process` says whose it is, for the message to the next one.
"""

import errno
import os
import platform
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from facemtl.errors import InputError
from facemtl.files.places import remove_parts
from facemtl.files.writing import write_whole

NAME = ".lock"
# What file systems without locks say.
NO_LOCKS = (errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP)


@contextmanager
def locked(folder: Path, wait: bool = False) -> Iterator[None]:
    """Keep other processes, and other threads, out of a folder.

    Args:
        folder: that is written into; it is made.
        wait: until the other one ends, instead of an error.

    Raises:
        InputError: where another one is at work there.

    Example:

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as name, locked(Path(name)):
    ...     with locked(Path(name)):
    ...         pass
    Traceback (most recent call last):
        ...
    facemtl.errors.InputError: Expected one process at a time in ...
    """
    new = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with held(folder / NAME, folder, wait):
            yield
    finally:
        if new:
            with suppress(OSError):  # It stays where anything was written.
                folder.rmdir()


@contextmanager
def held(file: Path, folder: Path, wait: bool = False) -> Iterator[None]:
    """The same by a lock file that lies elsewhere, in a folder that exists."""
    from filelock import FileLock

    lock = FileLock(file, timeout=-1 if wait else 0)
    holder = file.with_name(f"{file.name}-process")
    try:
        _acquire(lock, file, folder, holder)
        write_whole(f"{os.getpid()} {platform.node()}", holder)
        remove_parts(folder)
        yield
    finally:
        # While it is held: afterwards they may be another's.
        if lock.is_locked:
            for left in (holder, file):
                with suppress(OSError):
                    left.unlink()
            lock.release()


def _acquire(lock: Any, file: Path, folder: Path, holder: Path) -> None:
    """Take a lock, or say why not; a system without locks gives a warning."""
    from filelock import Timeout

    try:
        lock.acquire()
        while not file.exists():  # The one before removed it just then.
            lock.release()
            lock.acquire()
    except Timeout:
        raise InputError(_taken(folder, holder)) from None
    except (NotImplementedError, OSError) as error:
        if getattr(error, "errno", errno.ENOSYS) not in NO_LOCKS:
            raise
        warnings.warn(_without_locks(folder), stacklevel=2)


def _taken(folder: Path, holder: Path) -> str:
    return (
        f"Expected one process at a time in {folder}. Received: "
        f"{_process(holder)} is writing there. Wait until it has ended, or "
        "give another folder (--out on the command line)."
    )


def _process(holder: Path) -> str:
    """Such as `process 4711`; of another machine with its name."""
    try:
        process, _, machine = holder.read_text(encoding="utf-8").partition(" ")
    except (OSError, ValueError):  # It has only just begun, or is no text.
        return "another process"
    if machine != platform.node():
        return f"process {process} of {machine}"
    own = " (this one)" if process == str(os.getpid()) else ""
    return f"process {process}{own}"


def _without_locks(folder: Path) -> str:
    return (
        f"{folder} lies on a file system without locks. Take care that no "
        "other process writes there meanwhile."
    )
