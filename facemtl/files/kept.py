"""Read facemtl's own files, which may be damaged.

An interrupted copy, a full disk or an editor can leave half a file. Files that
can be made again are, with a warning. For others, an error names the file and
what to do.
"""

import json
import warnings
from collections.abc import Callable
from errno import EINVAL
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from facemtl.errors import InputError
from facemtl.files.system_errors import reason

T = TypeVar("T")
# The largest ratio of unpacked to packed bytes; packed predictions reach ten.
PACKED = 100
SMALL = 2**22  # bytes; the ratio of smaller files is computed as for this size


def read_kept(file: Path, read: Callable[[Path], T], advice: str) -> T:
    """Read a file that cannot be made again.

    Args:
        file: the file.
        read: a function that reads it; it may raise any error for a damaged
            file.
        advice: a sentence about what to do with a damaged file.

    Raises:
        InputError: for a damaged file; names it.
        OSError: if the system cannot read it.

    Example:

    >>> import tempfile
    >>> with tempfile.NamedTemporaryFile() as file:
    ...     read_kept(Path(file.name), read_json, "Remove it.")
    Traceback (most recent call last):
        ...
    facemtl.errors.InputError: ...: damaged or cut off (...). Remove it.
    """
    try:
        return read(file)
    except InputError:
        raise
    except Exception as error:  # NumPy and zipfile raise a dozen classes.
        # Truncated ZIP files raise EINVAL: Python seeks before their start.
        if isinstance(error, OSError) and error.errno not in (None, EINVAL):
            raise
        why = str(error).partition("\n")[0] or type(error).__name__
        raise InputError(
            f"{file}: damaged or cut off ({why.rstrip('.')}). {advice}"
        ) from None


def kept_or_made(
    file: Path | None,
    read: Callable[[Path], T],
    make: Callable[[], T],
    write: Callable[[T, Path], None],
) -> T:
    """Return the content of a cache file; make and store it if necessary.

    Warns of a file that is damaged or cannot be written.

    Args:
        file: the cache file; None for no cache.
        read: a function that reads it and raises if it is invalid.
        make: a function that makes the content.
        write: a function that stores the content.

    Example:

    >>> kept_or_made(None, read_json, lambda: 1, lambda value, file: None)
    1
    """
    if file and file.is_file():
        try:
            return read_kept(file, read, "It is made again.")
        except InputError as error:
            warnings.warn(str(error), stacklevel=2)
    made = make()
    if file:
        try:
            write(made, file)
        except OSError as error:
            warnings.warn(f"{file}: not kept ({reason(error)}).", stacklevel=2)
    return made


def read_json(file: Path) -> Any:
    """Return the content of a JSON file, unchecked."""
    return json.loads(file.read_text(encoding="utf-8"))


def read_object(file: Path) -> dict[str, Any]:
    """Return the content of a JSON file that holds one object.

    Raises:
        ValueError: if it holds anything else.
    """
    content = read_json(file)
    if not isinstance(content, dict):
        raise ValueError("no object in it")
    return content


def read_arrays(file: Path) -> dict[str, np.ndarray]:
    """Return all arrays of an .npz file.

    Raises:
        ValueError: if a small file would unpack to fill the memory.
    """
    size = file.stat().st_size
    # NumPy does not close a file that is no ZIP.
    with file.open("rb") as opened, np.load(opened) as kept:
        room = sum(entry.file_size for entry in kept.zip.infolist())
        if room > PACKED * max(size, SMALL):
            raise ValueError(f"{room:,} bytes packed in {size:,}")
        return {name: kept[name] for name in kept.files}
