"""Read photos from a folder or a zip; both readers implement `Images`."""

import errno
import os
import threading
import zipfile
from pathlib import Path
from typing import Protocol

import numpy as np

from facemtl.errors import InputError, RowError
from facemtl.files.reading import check_regular, is_file, read_limited, too_many
from facemtl.files.system_errors import reason
from facemtl.photos.decoding import UNREADABLE_IMAGE, decode
from facemtl.photos.limits import file_limit

MISSING_IMAGE = "missing image"
# Bytes that are unpacked at a time. zipfile observes this for stored and
# deflated entries. One packed byte of LZMA may become 7,000 bytes. Entries of
# bzip2 are refused: there, it may become a million.
_PARTS = {
    zipfile.ZIP_STORED: 2**20,
    zipfile.ZIP_DEFLATED: 2**20,
    zipfile.ZIP_LZMA: 2**12,
}


class Images(Protocol):
    """The source of a table's photos."""

    def read(self, name: str) -> np.ndarray:
        """Return a photo: (H, W, 3) uint8, RGB.

        Raises:
            InputError: if it is missing or cannot be decoded.
        """
        ...

    def stamp(self, name: str) -> str:
        """Return text that changes with the photo, a key for crop caches."""
        ...


class FolderImages:
    """Photos in a folder.

    Args:
        root: the folder of relative names; names may be absolute.

    Example:

    >>> "missing.jpg" in FolderImages("data")
    False
    """

    def __init__(self, root: str | Path) -> None:
        self.root = Path(root)

    def __contains__(self, name: str) -> bool:
        return is_file(self.root / name)

    def read_bytes(self, name: str, most: int | None = None) -> bytes:
        """Return the bytes of a file; raise `RowError` if it cannot be read.

        Args:
            name: the file.
            most: the largest size in bytes; by default that of a photo.
        """
        path = self.root / name
        try:
            return read_limited(path, *file_limit(most))
        except (FileNotFoundError, NotADirectoryError):
            raise RowError(MISSING_IMAGE, str(path)) from None
        except OSError as error:
            raise RowError(
                UNREADABLE_IMAGE, f"{path}: {error.strerror}"
            ) from None
        except ValueError as error:  # A NUL character in the name.
            raise RowError(UNREADABLE_IMAGE, f"{path!r}: {error}") from None

    def read(self, name: str) -> np.ndarray:
        """Return a photo: (H, W, 3) uint8, RGB; see `decode`.

        Raises:
            RowError: "missing image" or "unreadable image".
        """
        return decode(self.read_bytes(name), self.root / name)

    def stamp(self, name: str) -> str:
        """Return size and modification time; "missing" without a file."""
        try:
            # Paths of `pathlib` would take longer than the look.
            status = os.stat(os.path.join(self.root, name))  # noqa: PTH116, PTH118
        except OSError:
            return "missing"
        return f"{status.st_size} {status.st_mtime_ns}"


class LastPhoto:
    """Keeps the last photo, for consecutive faces of the same photo.

    Args:
        images: the source of the photos.
    """

    def __init__(self, images: Images) -> None:
        self._images = images
        self._last: tuple[str, np.ndarray] | None = None

    def read(self, name: str) -> np.ndarray:
        """Return a photo, which must not be modified; see `Images.read`."""
        if self._last is None or self._last[0] != name:
            self._last = name, self._images.read(name)
        return self._last[1]


class ZipImages:
    """Photos in a zip, read without extracting it; thread-safe.

    Args:
        path: the zip.
        prefix: the folder of relative names inside the zip.

    Raises:
        InputError: if `path` is not a readable zip.
    """

    def __init__(self, path: str | Path, prefix: str = "") -> None:
        self.path = Path(path)
        self.prefix = f"{prefix.rstrip('/')}/" if prefix else ""
        try:
            check_regular(self.path)
            self._zip = zipfile.ZipFile(self.path)
        except Exception as error:  # zipfile raises many classes
            raise InputError(
                f"{path}: expected a zip of photos. Received: {reason(error)}."
            ) from None
        # Some Windows archivers write `\` between folders.
        self.entries = {
            entry.filename.replace("\\", "/"): entry
            for entry in self._zip.infolist()
        }
        # A zip has one file position, which threads would move for each other.
        self._lock = threading.Lock()

    def __contains__(self, name: str) -> bool:
        return self.prefix + name in self.entries

    def read_bytes(self, name: str, most: int | None = None) -> bytes:
        """Return the bytes of a file; see `FolderImages.read_bytes`."""
        where = f"{self.prefix}{name} in {self.path}"
        if name not in self:
            raise RowError(MISSING_IMAGE, where)
        try:
            with self._lock:
                return self._unpacked(self.entries[self.prefix + name], most)
        except Exception as error:  # zipfile and decompressors raise many
            raise RowError(
                UNREADABLE_IMAGE, f"{where}: {reason(error)}"
            ) from None

    def _unpacked(self, entry: zipfile.ZipInfo, most: int | None) -> bytes:
        """Return an entry's bytes; raise `OSError` if there are too many."""
        limit, advice = file_limit(most)
        if entry.file_size > limit:
            raise too_many(entry.file_size, limit, advice, entry.filename)
        if entry.compress_type not in _PARTS:
            reason = "expected it stored or deflated, as zip programs do"
            raise OSError(errno.EINVAL, reason, entry.filename)
        data = bytearray()
        with self._zip.open(entry) as file:
            # In parts, because an entry's declared size may be wrong.
            while part := file.read(_PARTS[entry.compress_type]):
                data += part
        return bytes(data)

    def read(self, name: str) -> np.ndarray:
        """Return a photo: (H, W, 3) uint8, RGB; see `decode`.

        Raises:
            RowError: "missing image" or "unreadable image".
        """
        # Decoding is slow and happens outside the lock.
        data = self.read_bytes(name)
        return decode(data, f"{self.prefix}{name} in {self.path}")

    def stamp(self, name: str) -> str:
        """Return size and checksum; "missing" without an entry."""
        entry = self.entries.get(self.prefix + name)
        return f"{entry.file_size} {entry.CRC:08x}" if entry else "missing"
