"""List the input: a folder of photos, a Parquet file, or a folder of these."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from facemtl.errors import InputError

from .shards import SUFFIX


class Listing(NamedTuple):
    """The files of the input.

    Attributes:
        root: the folder that names are relative to.
        parquet: names of Parquet files.
        photos: names of all other files; either this or `parquet` is empty.
    """

    root: Path
    parquet: list[str]
    photos: list[str]


def list_input(given: Path, out: Path) -> Listing:
    """List the input in a deterministic order.

    Every file counts as a photo and gets a row, except hidden files and files
    in hidden folders.

    Args:
        given: path of the input.
        out: folder of the run, which must be outside the input.

    Raises:
        InputError: if the input is missing or empty, or contains both kinds.
    """
    given, out = given.absolute(), out.absolute()
    if not given.exists():
        raise InputError(
            f"Expected a folder of photos or Parquet. Received: {given}, "
            "which does not exist."
        )
    if given.is_file():
        if given.suffix.lower() != SUFFIX:
            raise InputError(
                "Expected a folder of photos, or Parquet. Received the file "
                f"{given}."
            )
        return Listing(given.parent, [given.name], [])
    if out.resolve().is_relative_to(given.resolve()):
        raise InputError(
            f"Expected --out outside the input. Received: {out}, which is in "
            f"{given} and would be read as input."
        )
    return _listing_of(given)


def _listing_of(folder: Path) -> Listing:
    names = sorted(files_in(folder))
    parquet = [x for x in names if x.lower().endswith(SUFFIX)]
    if parquet and len(parquet) < len(names):
        other = next(x for x in names if not x.lower().endswith(SUFFIX))
        raise InputError(
            f"Expected photos or Parquet files in {folder}, not both. "
            f"Received: {parquet[0]} and {other}."
        )
    if not names:
        raise InputError(
            f"Expected photos in {folder}. Received: an empty folder."
        )
    return Listing(folder, parquet, [] if parquet else names)


def files_in(folder: Path) -> Iterator[str]:
    """Yield names of files below a folder, relative to it, in any order.

    Raises:
        InputError: if a folder is unreadable, because its photos would be lost.
    """

    def refuse(error: OSError) -> None:
        raise InputError(
            "Expected a folder that can be read. "
            f"Received: {error.filename}: {error.strerror}."
        )

    for place, folders, files in os.walk(folder, onerror=refuse):
        folders[:] = [x for x in folders if not x.startswith(".")]
        inside = Path(place).relative_to(folder)
        for name in files:
            if not name.startswith("."):
                yield str(inside / name)
