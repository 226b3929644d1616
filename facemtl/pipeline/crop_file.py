"""Files of crops: written face by face, and read through a map of memory.

A file is an uncompressed .npy of (N, M, M, C) uint8, and after it a line of
JSON: the checksum of the array, and why faces could not be cropped.
"""

import json
import mmap
import os
import threading
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import numpy as np

from facemtl.files.cache_room import make_room, reserve
from facemtl.files.kept import read_kept
from facemtl.files.system_errors import reason
from facemtl.files.writing import whole_file

# (N, M, M, C) crops, and (N, 2) reason and detail, "" for valid crops.
Cut = tuple[np.ndarray, np.ndarray]
Shape = tuple[int, ...]
CHUNK = 2**24  # bytes


class FileRows:
    """Rows of an array in a file, to be written in any order by threads.

    Args:
        file: an empty file, opened to be written and read.
        shape: (N, M, M, C) of the array.

    Raises:
        OSError: if the disk is full.
    """

    def __init__(self, file: BinaryIO, shape: Shape) -> None:
        header = {"descr": "|u1", "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, header)
        file.flush()
        self.file, self.start = file, file.tell()
        self.row = int(np.prod(shape[1:]))
        self.end = self.start + shape[0] * self.row
        self.lock = threading.Lock()
        reserve(file.fileno(), self.end)

    def __setitem__(self, i: int, values: np.ndarray) -> None:
        with self.lock:
            self.file.seek(self.start + i * self.row)
            self.file.write(values.tobytes())

    def finish(self, errors: np.ndarray) -> None:
        """Write what follows the array."""
        bad = np.flatnonzero((errors != "").any(axis=1)).tolist()
        kept = {
            "checksum": _checksum(self.file, self.end),
            "errors": {str(i): errors[i].tolist() for i in bad},
        }
        self.file.seek(self.end)
        self.file.write(json.dumps(kept).encode())


def _checksum(file: BinaryIO, end: int) -> int:
    """Return the CRC-32 of a file's first bytes."""
    file.seek(0)
    value = 0
    while end > 0:
        chunk = file.read(min(CHUNK, end))
        if not chunk:
            raise ValueError("it ends too early")
        value, end = zlib.crc32(chunk, value), end - len(chunk)
    return value


def read_crops(file: Path, shape: Shape) -> Cut:
    """Return the crops of a file, mapped, and (N, 2) reason and detail.

    Raises:
        InputError: for a damaged file, or crops of another shape.
        FileNotFoundError: without the file.
    """
    return read_kept(file, lambda file: _read(file, shape), "It is made again.")


def _read(file: Path, shape: Shape) -> Cut:
    images = _mapped(file, shape)
    end = images.offset + images.nbytes
    with file.open("rb") as opened:
        checksum = _checksum(opened, end)
        kept = json.loads(opened.read())
    if checksum != kept["checksum"]:
        raise ValueError("another checksum")
    errors = np.full((shape[0], 2), "", object)
    for i, error in kept["errors"].items():
        errors[int(i)] = error
    return images, errors.astype(str)


def _mapped(file: Path, shape: Shape) -> np.memmap:
    images = np.load(file, mmap_mode="r")
    if images.dtype != np.uint8 or images.shape != shape:
        raise ValueError(f"no crops of the shape {shape}")
    return images


def cut_into(
    file: Path | None,
    shape: Shape,
    gigabytes: float,
    cut: Callable[..., np.ndarray],
) -> Cut:
    """Cut crops into a file, or into memory if the file cannot be written.

    Args:
        file: the file; None for memory.
        shape: (N, M, M, C) of the crops.
        gigabytes: see `make_room`.
        cut: sets the rows of its argument `images`, and returns (N, 2) reason
            and detail.
    """
    begun: list[FileRows] = []
    if file:
        try:
            make_room(file.parent, int(np.prod(shape)), gigabytes)
            return _cut_into(file, shape, cut, begun)
        except OSError as error:
            if begun:
                raise
            warnings.warn(
                f"{file.parent}: crops are not kept there "
                f"({reason(error)}). They stay in memory.",
                stacklevel=2,
            )
    images = np.zeros(shape, np.uint8)
    return images, cut(images=images)


def _cut_into(
    file: Path,
    shape: Shape,
    cut: Callable[..., np.ndarray],
    begun: list[FileRows],
) -> Cut:
    with whole_file(file) as part:
        with part.open("w+b") as opened:
            rows = FileRows(opened, shape)
            begun.append(rows)
            errors = cut(images=rows)
            rows.finish(errors)
        # Another process may remove the file as soon as it has its name.
        # Windows cannot name a file that is mapped.
        early = _mapped(part, shape) if os.name != "nt" else None
    return _mapped(file, shape) if early is None else early, errors


def taken_rows(images: np.ndarray, index: np.ndarray) -> np.ndarray:
    """Return some rows of an array, without keeping their file in memory.

    Example:

    >>> taken_rows(np.eye(2), np.array([1, 1]))
    array([[0., 1.],
           [0., 1.]])
    """
    found = np.asarray(images[index])
    if isinstance(images.base, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        # Otherwise pages of the file count as memory of this process.
        images.base.madvise(mmap.MADV_DONTNEED)
    return found
