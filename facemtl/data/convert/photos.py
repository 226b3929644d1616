"""Where the photos of labels lie."""

import os
from collections.abc import Iterable
from pathlib import Path

from facemtl.errors import InputError
from facemtl.files.reading import is_file


class FolderListing:
    """Whether photos are there, quickly for many photos of few folders.

    Example:

    >>> "missing/photo.jpg" in FolderListing()
    False
    """

    def __init__(self) -> None:
        self._names: dict[str, set[str]] = {}

    def __contains__(self, path: str) -> bool:
        folder, _, name = path.rpartition("/")
        if folder not in self._names:
            self._names[folder] = _names_in(folder)
        # Some disks do not tell a.jpg from a.JPG.
        return name in self._names[folder] or is_file(path)


def _names_in(folder: str) -> set[str]:
    try:
        with os.scandir(folder or "/") as entries:
            return {entry.name for entry in entries}
    except (OSError, ValueError):  # ValueError: a zero in its name
        return set()


def photo_folder(
    given: Path | None, likely: Iterable[Path], first: str
) -> Path:
    """The folder that the names of photos start from.

    Args:
        given: what the user said; None looks into the likely ones.
        likely: folders, likeliest first.
        first: the first photo's name.

    Returns:
        The given folder, else the first likely one that holds the photo, else
        the first likely one: the real one behind links, so that a path from
        one folder to another holds.

    Raises:
        InputError: if the given folder is none.
    """
    if given is not None:
        if not given.is_dir():
            raise InputError(
                f"{given}: expected a folder of photos (--photos). "
                "Received: no such folder."
            )
        return given.resolve()
    likely = list(likely)
    found = (f for f in likely if is_file(f / first))
    return next(found, likely[0]).resolve()
