"""Readers of photos, from a folder or a zip; both are `Images`."""

import os
import threading
import zipfile
import zlib
from pathlib import Path

import numpy as np

from facemtl.datasets.checks import MISSING_IMAGE, UNREADABLE_IMAGE, RowError
from facemtl.datasets.faces import Images
from facemtl.datasets.formats import misread, unread
from facemtl.datasets.jpeg import is_truncated_jpeg
from facemtl.datasets.orientation import orientation, turned
from facemtl.errors import InputError

LIMIT = "IO_MAX_IMAGE_PIXELS"


def decode(data: bytes, path: str | Path) -> np.ndarray:
    """The photo in a file's bytes.

    It is turned as it is to be displayed; see `facemtl.datasets.orientation`.
    A gray file gets three equal channels, alpha is dropped (a TIFF's is put on
    black), 16 bits are reduced to 8, and of an animation it is the first frame.

    Args:
        data: a JPEG, PNG or whatever else OpenCV reads.
        path: for the message.

    Returns:
        (H, W, 3) uint8, RGB.

    Raises:
        RowError: "unreadable image", also for a truncated file, and for a
            format that OpenCV does not read, with what converts it.
    """
    # Imported here because commands must answer --help at once.
    import cv2

    if is_truncated_jpeg(data):
        raise RowError(UNREADABLE_IMAGE, f"{path} is truncated")
    if kind := misread(data):
        raise RowError(UNREADABLE_IMAGE, f"{path} is {kind}")
    turn, flags = orientation(data), cv2.IMREAD_COLOR
    if turn is not None:
        flags |= cv2.IMREAD_IGNORE_ORIENTATION
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error as error:  # An empty file, or one that is too large.
        if LIMIT in str(error):
            raise RowError(
                UNREADABLE_IMAGE, f"{path}: {_too_large()}"
            ) from None
        image = None
    if image is None:
        size = f"{path}, {len(data)} bytes, is truncated or no image"
        kind = unread(data)
        raise RowError(UNREADABLE_IMAGE, f"{path} is {kind}" if kind else size)
    photo = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
    return photo if turn in (None, 1) else turned(photo, turn)


def _too_large() -> str:
    limit = int(os.environ.get(f"OPENCV_{LIMIT}", 2**30))
    return f"more than {limit / 1e6:,.0f} million pixels (OPENCV_{LIMIT})"


class FolderImages:
    """Photos in a folder.

    Args:
        root: the folder that names are relative to; a name may be absolute.

    Example:

    >>> "missing.jpg" in FolderImages("data")
    False
    """

    def __init__(self, root: str | Path) -> None:
        self.root = Path(root)

    def __contains__(self, name: str) -> bool:
        return (self.root / name).is_file()

    def read_bytes(self, name: str) -> bytes:
        """The file as it is; `RowError` if it cannot be read."""
        path = self.root / name
        try:
            return path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            raise RowError(MISSING_IMAGE, str(path)) from None
        except OSError as error:
            raise RowError(
                UNREADABLE_IMAGE, f"{path}: {error.strerror}"
            ) from None

    def read(self, name: str) -> np.ndarray:
        """The photo: (H, W, 3) uint8, RGB; see `decode`.

        Raises:
            RowError: "missing image" or "unreadable image".
        """
        return decode(self.read_bytes(name), self.root / name)

    def stamp(self, name: str) -> str:
        """Size and time of change; "missing" where there is no file."""
        try:
            status = (self.root / name).stat()
        except OSError:
            return "missing"
        return f"{status.st_size} {status.st_mtime_ns}"


class LastPhoto:
    """Photos whose last one is kept, for faces of one photo in a row.

    Args:
        images: where the photos are.
    """

    def __init__(self, images: Images) -> None:
        self._images = images
        self._last: tuple[str, np.ndarray] | None = None

    def read(self, name: str) -> np.ndarray:
        """As of `images`; do not write into the photo."""
        if self._last is None or self._last[0] != name:
            self._last = name, self._images.read(name)
        return self._last[1]


class ZipImages:
    """Photos in a zip, read without unpacking it; safe to share by threads.

    Args:
        path: the zip.
        prefix: the folder inside it that names are relative to.

    Raises:
        InputError: if `path` is no readable zip.
    """

    def __init__(self, path: str | Path, prefix: str = "") -> None:
        self.path = Path(path)
        self.prefix = f"{prefix.rstrip('/')}/" if prefix else ""
        try:
            self._zip = zipfile.ZipFile(self.path)
        except (OSError, zipfile.BadZipFile) as error:
            raise InputError(
                f"{path}: expected a zip of photos. Received: {error}."
            ) from None
        # Some archivers on Windows write `\` between folders.
        self.entries = {
            entry.filename.replace("\\", "/"): entry
            for entry in self._zip.infolist()
        }
        # A zip has one file position: two threads would read from the wrong
        # place.
        self._lock = threading.Lock()

    def __contains__(self, name: str) -> bool:
        return self.prefix + name in self.entries

    def read_bytes(self, name: str) -> bytes:
        """The file as it is; `RowError` if it cannot be read."""
        where = f"{self.prefix}{name} in {self.path}"
        if name not in self:
            raise RowError(MISSING_IMAGE, where)
        try:
            with self._lock:
                return self._zip.read(self.entries[self.prefix + name])
        except (
            OSError,
            EOFError,
            RuntimeError,
            zipfile.BadZipFile,
            zlib.error,
        ) as error:
            raise RowError(UNREADABLE_IMAGE, f"{where}: {error}") from None

    def read(self, name: str) -> np.ndarray:
        """The photo: (H, W, 3) uint8, RGB; see `decode`.

        Raises:
            RowError: "missing image" or "unreadable image".
        """
        # Decoding, the slow part, happens outside the lock.
        data = self.read_bytes(name)
        return decode(data, f"{self.prefix}{name} in {self.path}")

    def stamp(self, name: str) -> str:
        """Size and checksum of the content; "missing" where not there."""
        entry = self.entries.get(self.prefix + name)
        return f"{entry.file_size} {entry.CRC:08x}" if entry else "missing"
