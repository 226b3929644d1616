"""Files that a program kept for itself, and that may be damaged since.

A cut disk, a copy that broke off or an editor leave half a file. What can be
made again is, with a warning; else one line names the file and what to do.
"""

import json
import warnings
from collections.abc import Callable
from errno import EINVAL
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from facemtl.errors import InputError

T = TypeVar("T")
# Bytes of arrays a byte of their file; predictions are packed, to a tenth.
PACKED = 100
SMALL = 2**22  # bytes of a file of which as many as of this one are read


def read_kept(file: Path, read: Callable[[Path], T], advice: str) -> T:
    """Read a file that cannot be made again.

    Args:
        file: to read.
        read: reads it, and raises whatever it likes where that is damaged.
        advice: what to do about a damaged one: a sentence.

    Raises:
        InputError: for a damaged file, naming it.
        OSError: for one that the system does not give.

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
    except Exception as error:  # NumPy's and ZIP's are of a dozen classes.
        # In a ZIP that lacks bytes, Python looks for a place before its start.
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
    """What a cache's file holds; made, and kept there, where it does not.

    Args:
        file: of a cache; None keeps nothing.
        read: reads it, and raises where it is not what it should be.
        make: makes it.
        write: keeps it.

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
        write(made, file)
    return made


def read_json(file: Path) -> Any:
    """The content of a JSON file, which is no more than that."""
    return json.loads(file.read_text(encoding="utf-8"))


def read_object(file: Path) -> dict[str, Any]:
    """The content of a JSON file that holds one object.

    Raises:
        ValueError: where it holds something else.
    """
    content = read_json(file)
    if not isinstance(content, dict):
        raise ValueError("no object in it")
    return content


def read_arrays(file: Path) -> dict[str, np.ndarray]:
    """All arrays of an .npz.

    Raises:
        ValueError: for one of which a few megabytes would fill the memory.
    """
    size = file.stat().st_size
    # NumPy leaves a file open that is no ZIP.
    with file.open("rb") as opened, np.load(opened) as kept:
        room = sum(entry.file_size for entry in kept.zip.infolist())
        if room > PACKED * max(size, SMALL):
            raise ValueError(f"{room:,} bytes packed in {size:,}")
        return {name: kept[name] for name in kept.files}
