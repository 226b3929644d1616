"""Resolve where a file lies, and replace it by another."""

import os
import platform
import shutil
import stat
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

PART = ".part-"  # prefix of incomplete files


def true_place(file: str | Path) -> Path:
    """Return a link's target; devices, pipes and streams stay as they are."""
    path = Path(file)
    return path if is_written_through(path) else Path(os.path.realpath(path))


def is_written_through(file: Path) -> bool:
    """Return whether a path is a device, a pipe or an open stream.

    Example:

    >>> is_written_through(Path(os.devnull))
    True
    """
    streams = ("/dev", "/dev/fd", "/proc/self/fd")
    if os.path.realpath(file.parent) in map(os.path.realpath, streams):
        return True
    with suppress(OSError, ValueError):
        kind = stat.S_IFMT(file.stat().st_mode)
        return kind not in (stat.S_IFREG, stat.S_IFDIR)
    return False


def open_through(file: Path) -> BinaryIO:
    """Open a device, pipe or stream to append; a stream keeps its position."""
    link = file.readlink() if file.is_symlink() else file
    for name in (file, link):
        streams = os.path.realpath("/proc/self/fd")
        if os.path.realpath(name.parent) == streams and name.name.isdecimal():
            return os.fdopen(os.dup(int(name.name)), "ab")
    return file.open("ab")


def put_in_place(part: Path, file: Path) -> None:
    """Give a complete file its name and the replaced file's permissions."""
    with part.open("rb+") as written:
        os.fsync(written.fileno())
    with suppress(FileNotFoundError):
        _take_permissions(part, file.stat())
    part.replace(file)
    sync_folder(file.parent)


def _take_permissions(part: Path, old: os.stat_result) -> None:
    new = part.stat()
    if (new.st_uid, new.st_gid) != (old.st_uid, old.st_gid):
        with suppress(OSError, AttributeError):  # not the owner; Windows
            os.chown(part, old.st_uid, old.st_gid)
    part.chmod(stat.S_IMODE(old.st_mode))


def sync_folder(folder: Path) -> None:
    """Flush a folder's names to disk if the file system supports it."""
    with suppress(OSError):  # Windows cannot open folders.
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def part_prefix(process: int) -> str:
    """Return the name prefix of a process's incomplete files."""
    return f"{PART}{process}@{platform.node()}-"


def remove_parts(folder: Path) -> None:
    """Remove incomplete files of this machine's killed processes."""
    for part in folder.glob(f"{PART}*@*"):
        process = part.name.removeprefix(PART).partition("@")[0]
        if (
            process.isdecimal()
            and part.name.startswith(part_prefix(int(process)))
            and not _runs(int(process))
        ):
            with suppress(OSError):
                shutil.rmtree(part) if part.is_dir() else part.unlink()


def _runs(process: int) -> bool:
    if os.name == "nt":  # On Windows, signal 0 ends a process.
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True
