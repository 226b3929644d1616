"""Write folders atomically."""

import ctypes
import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from facemtl.files.places import sync_folder
from facemtl.files.system_errors import as_system_errors
from facemtl.files.writing import part_of

# Of <fcntl.h> and <linux/fs.h>.
AT_FDCWD, RENAME_EXCHANGE = -100, 2


@contextmanager
def whole_folder(folder: str | Path) -> Iterator[Path]:
    """Yield a path to build a folder at; it replaces `folder` at the end.

    Linux exchanges both atomically. On other systems, neither exists for a
    moment, and the old one is called `.old-NAME`; `restore_folder` restores it.

    Args:
        folder: replaced if it exists; a link still points to it.

    Yields:
        A path next to `folder`, where nothing exists yet.

    Raises:
        OSError: if it cannot be written.

    Example:

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as name:
    ...     with whole_folder(f"{name}/model") as part:
    ...         part.mkdir()
    ...     print(os.listdir(name))
    ['model']
    """
    place = Path(os.path.realpath(folder))
    place.parent.mkdir(parents=True, exist_ok=True)
    restore_folder(place)
    if place.exists() and not place.is_dir():
        why = os.strerror(errno.ENOTDIR)
        raise NotADirectoryError(errno.ENOTDIR, why, str(place))
    part = part_of(place)
    try:
        with as_system_errors(place):
            yield part
            _sync(part)
            _put_in_place(part, place)
    finally:
        # The new folder if writing failed; the old one after an exchange.
        shutil.rmtree(part, ignore_errors=True)


def restore_folder(folder: Path) -> None:
    """Restore a folder whose replacement was interrupted, if any."""
    old = _old(folder)
    if old.is_dir() and not folder.exists():
        old.rename(folder)
    else:
        shutil.rmtree(old, ignore_errors=True)


def _old(folder: Path) -> Path:
    return folder.with_name(f".old-{folder.name}")


def _sync(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb+") as written:
                os.fsync(written.fileno())
        else:
            sync_folder(path)
    sync_folder(folder)


def _put_in_place(part: Path, folder: Path) -> None:
    if not folder.exists():
        part.rename(folder)
    elif not _exchanged(part, folder):
        folder.rename(_old(folder))
        part.rename(folder)
        shutil.rmtree(_old(folder), ignore_errors=True)
    sync_folder(folder.parent)


def _exchanged(one: Path, other: Path) -> bool:
    """Exchange two folders atomically if the system supports that."""
    rename = getattr(ctypes.CDLL(None), "renameat2", None)
    if rename is None:
        return False
    paths = (os.fsencode(one), AT_FDCWD, os.fsencode(other))
    return rename(AT_FDCWD, *paths, RENAME_EXCHANGE) == 0
