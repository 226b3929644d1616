"""Folders that are there whole or not at all."""

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
    """A path to make a folder at; at the end of the block it becomes `folder`.

    Linux exchanges the two at once. Elsewhere there is a moment without either,
    in which the old one is called `.old-NAME`: `restore_folder` brings it back.

    Args:
        folder: replaced if it is there; a link keeps pointing to it.

    Yields:
        A path beside it, where nothing is yet.

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
        # The new one where that failed; the old one, where both were exchanged.
        shutil.rmtree(part, ignore_errors=True)


def restore_folder(folder: Path) -> None:
    """Bring back a folder whose replacement was cut off, if there is one."""
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
    """Let two folders change names at once, where the system can do that."""
    rename = getattr(ctypes.CDLL(None), "renameat2", None)
    if rename is None:
        return False
    paths = (os.fsencode(one), AT_FDCWD, os.fsencode(other))
    return rename(AT_FDCWD, *paths, RENAME_EXCHANGE) == 0
