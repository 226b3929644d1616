"""Write files atomically.

After a killed process, a full disk or a power cut, the file is the old or the
new one, never half of it. Links still point to their file, which is replaced.
Permissions stay. Devices and pipes are written directly.
"""

import hashlib
import json
import os
import shutil
import tempfile
import threading
import zipfile
from collections.abc import Iterator, Mapping
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

LONGEST = 255  # bytes of a file name, the limit of common file systems


def short_name(name: str, longest: int = LONGEST) -> str:
    """Shorten a file name to a length; a hash keeps it unique.

    Args:
        name: without folders; the extension stays.
        longest: the most bytes.

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
    """Yield a path to write to; it becomes the file at the end of the block.

    If the block fails, its output is removed and the file stays unchanged.

    Args:
        file: the file to write; its folder is created.

    Yields:
        A path next to the file, with its extension; for a device or a pipe, a
        path in a temporary folder.

    Raises:
        OSError: if the file cannot be written, whichever error the library in
            the block raised.

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
    """Return the path for this thread's incomplete version of a file."""
    own = f"{part_prefix(os.getpid())}{threading.get_native_id()}"
    return file.with_name(short_name(f"{own}-{file.name}"))


def write_whole(text: str, file: str | Path) -> None:
    """Write a text file atomically."""
    write_bytes(valid_text(text).encode(), file)


def write_bytes(data: bytes, file: str | Path) -> None:
    """Write bytes to a file atomically."""
    with whole_file(file) as part:
        part.write_bytes(data)


def write_arrays(
    file: str | Path, arrays: Mapping[str, Any], compressed: bool = False
) -> None:
    """Write arrays to an .npz file atomically.

    When the disk is full, `numpy.savez` of NumPy 2.0 leaves the zip open.
    """
    kind = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
    with whole_file(file) as part, zipfile.ZipFile(part, "w", kind) as out:
        for name, array in arrays.items():
            with out.open(f"{name}.npy", "w", force_zip64=True) as entry:
                np.lib.format.write_array(
                    entry, np.asanyarray(array), allow_pickle=False
                )


def write_json(content: Any, file: str | Path) -> None:
    """Write one line of JSON to a file atomically."""
    write_whole(json.dumps(content) + "\n", file)
