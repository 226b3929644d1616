"""Files that are there whole or not at all: the one way to write them.

A killed process, a full disk or a power cut leaves the old file or the new one.
A link keeps pointing to its file, which is replaced; permissions stay. A device
or a pipe is no file to replace: it is written through.
"""

import hashlib
import json
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np

from facemtl.files.places import (
    is_written_through,
    open_through,
    part_prefix,
    put_in_place,
    true_place,
)
from facemtl.files.system_errors import as_system_errors
from facemtl.words import valid_text

LONGEST = 255  # bytes of a file's name, of the usual file systems


def short_name(name: str, longest: int = LONGEST) -> str:
    """A file's name that file systems take: cut, with a hash of the whole.

    Args:
        name: without folders; its ending is kept.
        longest: bytes.

    Example:

    >>> short_name("face.png")
    'face.png'
    >>> short_name(300 * "a" + ".png", longest=20)
    'aaaaaaa-f0e62479.png'
    """
    whole = os.fsencode(name)
    if len(whole) <= longest:
        return name
    digest = hashlib.blake2b(whole, digest_size=4).hexdigest()
    end = f"-{digest}{Path(name).suffix[:20]}"
    start = name
    while len(os.fsencode(start + end)) > longest:
        start = start[:-1]
    return start + end


@contextmanager
def whole_file(file: str | Path) -> Iterator[Path]:
    """A path to write to; at the end of the block it becomes the file.

    Where the block fails, what it wrote is removed, and the file is as before.

    Args:
        file: to write; its folder is made. The path has the same ending.

    Yields:
        A path beside the file; for a device or a pipe, elsewhere.

    Raises:
        OSError: if it cannot be written, also where a library says so by an
            error of its own.

    Example:

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with whole_file(f"{folder}/greeting.txt") as part:
    ...         _ = part.write_text("hello")
    ...     print(os.listdir(folder))
    ['greeting.txt']
    """
    place = true_place(file)
    if is_written_through(place):
        with tempfile.TemporaryDirectory() as folder:
            part = Path(folder) / place.name
            yield part
            with part.open("rb") as written, open_through(place) as out:
                shutil.copyfileobj(written, out)
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    part = part_of(place)
    try:
        with as_system_errors(place):
            yield part
            put_in_place(part, place)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise


def part_of(file: Path) -> Path:
    """Where a file is written until it is whole, by this thread alone."""
    own = f"{part_prefix(os.getpid())}{threading.get_native_id()}"
    return file.with_name(short_name(f"{own}-{file.name}"))


def write_whole(text: str, file: str | Path) -> None:
    """Write a text file, whole or not at all."""
    write_bytes(valid_text(text).encode(), file)


def write_bytes(data: bytes, file: str | Path) -> None:
    """The same for bytes."""
    with whole_file(file) as part:
        part.write_bytes(data)


def write_arrays(file: str | Path, **arrays: Any) -> None:
    """The same for an .npz of arrays."""
    with whole_file(file) as part, part.open("wb") as out:
        np.savez(out, **arrays)


def write_json(content: Any, file: str | Path) -> None:
    """The same for JSON, in a line."""
    write_whole(json.dumps(content) + "\n", file)
