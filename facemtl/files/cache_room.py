"""Room in a cache folder, for which the files used longest ago make way."""

import os
from contextlib import suppress
from pathlib import Path

from facemtl.files.places import remove_parts

GIGABYTE = 10**9
# What facemtl keeps in a cache: crops, detected boxes, box conventions, and
# warnings about labels and photos.
KINDS = ("crops-*", "boxes-*", "detector-*", "warnings-*")


def make_room(folder: Path, size: int, gigabytes: float) -> None:
    """Remove files of a cache until another one fits.

    Args:
        folder: the cache; created if missing, for its owner alone.
        size: bytes of the new file.
        gigabytes: the most that the cache may hold.

    Raises:
        OSError: if the file is larger than that, or the folder cannot be
            written.

    Example:

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as name:
    ...     old = Path(name, "crops-1.npy")
    ...     _ = old.write_bytes(bytes(600))
    ...     make_room(Path(name), 500, gigabytes=1e-6)
    ...     old.exists()
    False
    """
    limit = gigabytes * GIGABYTE
    if size > limit:
        raise OSError(
            f"{size / GIGABYTE:.2g} GB are more than "
            f"data.cache_gigabytes = {gigabytes:g}"
        )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    remove_parts(folder)  # of killed processes
    kept = sorted(_uses(folder))
    held = sum(size for _, size, _ in kept)
    for _, own, file in kept:
        if held + size <= limit:
            break
        with suppress(OSError):  # Windows keeps files that are in use.
            file.unlink()
            held -= own


def _uses(folder: Path) -> list[tuple[float, int, Path]]:
    """Return (time of the last use, bytes, file) of all files of a cache."""
    found = []
    for kind in KINDS:
        for file in folder.glob(kind):
            with suppress(OSError):  # Another process has removed it.
                status = file.stat()
                found.append((status.st_mtime, status.st_size, file))
    return found


def mark_use(file: Path) -> None:
    """Set the time of a file's last use."""
    with suppress(OSError):
        os.utime(file)


def reserve(descriptor: int, size: int) -> None:
    """Reserve the bytes of a file, so that a full disk shows before the work.

    Raises:
        OSError: if the disk or quota is full.
    """
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, size)
    else:
        os.ftruncate(descriptor, size)
