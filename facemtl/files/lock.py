"""Lock a folder so that one process at a time writes there.

The operating system locks `.lock` in the folder and releases it when the
process ends for any reason, so a killed process's file locks nothing.
`.lock-process` names the process for the error message.
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
# The errors of file systems without locks.
NO_LOCKS = (errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP)


@contextmanager
def locked(folder: Path, wait: bool = False) -> Iterator[None]:
    """Lock a folder against other processes and threads.

    Args:
        folder: the folder to write into; created if missing.
        wait: whether to wait for the other process instead of raising.

    Raises:
        InputError: if another process or thread holds the lock.

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
            with suppress(OSError):  # A folder with files stays.
                folder.rmdir()


@contextmanager
def held(file: Path, folder: Path, wait: bool = False) -> Iterator[None]:
    """Lock a folder by a lock file elsewhere, whose folder exists."""
    from filelock import FileLock

    lock = FileLock(file, timeout=-1 if wait else 0)
    holder = file.with_name(f"{file.name}-process")
    try:
        _acquire(lock, file, folder, holder)
        write_whole(f"{os.getpid()} {platform.node()}", holder)
        remove_parts(folder)
        yield
    finally:
        # Removed before the release: afterwards they may belong to another.
        if lock.is_locked:
            for left in (holder, file):
                with suppress(OSError):
                    left.unlink()
            lock.release()


def _acquire(lock: Any, file: Path, folder: Path, holder: Path) -> None:
    """Acquire a lock or raise; warn on a file system without locks."""
    from filelock import Timeout

    try:
        lock.acquire()
        while not file.exists():  # The previous holder removed it just now.
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
    """Return a name such as `process 4711`, with the machine if another."""
    try:
        process, _, machine = holder.read_text(encoding="utf-8").partition(" ")
    except (OSError, ValueError):  # not written yet, or not text
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
