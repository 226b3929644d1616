"""Find the photos of labels."""

import os
from collections.abc import Iterable
from pathlib import Path

from facemtl.errors import InputError
from facemtl.files.reading import is_file


class FolderListing:
    """Check whether photos exist; fast for many photos in few folders.

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
        # Some file systems ignore the case of names.
        return name in self._names[folder] or is_file(path)


def _names_in(folder: str) -> set[str]:
    try:
        with os.scandir(folder or "/") as entries:
            return {entry.name for entry in entries}
    except (OSError, ValueError):  # ValueError: a null byte in the name
        return set()


def photo_folder(
    given: Path | None, likely: Iterable[Path], first: str
) -> Path:
    """Return the folder that the names of photos are relative to.

    Args:
        given: the folder that the user named; None searches the likely ones.
        likely: folders, likeliest first.
        first: the first photo's name.

    Returns:
        The given folder, or the first likely one with the photo, or the first
        likely one. Links are resolved, so that relative paths are valid.

    Raises:
        InputError: if the given folder does not exist.
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
