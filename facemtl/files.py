"""Files that are there whole or not at all."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import numpy as np


def write_whole(text: str, file: Path) -> None:
    """Write a text file; a killed process leaves the old one or the new one.

    Its folder is made.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    # Of this process alone: others may write the same file. No longer than
    # the file's own name may be, which may leave no room for another word.
    part = file.with_name(f".part-{os.getpid()}-{_short(file.name)}")
    part.write_text(text, encoding="utf-8")
    part.replace(file)


def _short(name: str) -> str:
    """A name of at most 200 bytes, another one for another name."""
    if len(os.fsencode(name)) <= 200:
        return name
    return hashlib.blake2b(os.fsencode(name), digest_size=8).hexdigest()


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
