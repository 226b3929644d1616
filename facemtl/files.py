"""Files that are there whole or not at all."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import numpy as np

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


def write_whole(text: str, file: Path) -> None:
    """Write a text file; a killed process leaves the old one or the new one.

    Its folder is made.
    """
    write_bytes(valid_text(text).encode(), file)


def write_bytes(data: bytes, file: Path) -> None:
    """The same for bytes; a device such as /dev/null is written to."""
    file = Path(os.path.realpath(file))  # Else a link would be replaced.
    if file.exists() and not file.is_file():
        file.write_bytes(data)
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    # Of this process alone: others may write the same file.
    part = file.with_name(short_name(f".part-{os.getpid()}-{file.name}"))
    part.write_bytes(data)
    part.replace(file)


def write_arrays(file: Path, **arrays: Any) -> None:
    """The same for an .npz of arrays; its folder is made."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(f".{os.getpid()}.part")
    with part.open("wb") as out:
        np.savez(out, **arrays)
    part.replace(file)


def write_json(content: Any, file: Path) -> None:
    """The same for JSON, in a line."""
    write_whole(json.dumps(content) + "\n", file)
