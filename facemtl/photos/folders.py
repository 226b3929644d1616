"""List the photos in a folder."""

import os
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from facemtl.errors import InputError
from facemtl.files.system_errors import reason
from facemtl.words import plural, printable

# Endings of the formats that are decoded; see `facemtl.photos.size`.
ENDINGS = {
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp", ".dib"),
    *(".gif", ".tif", ".tiff", ".avif", ".jp2", ".j2k", ".jpx"),
    *(".pbm", ".pgm", ".ppm", ".pnm", ".pam", ".sr", ".ras", ".hdr"),
}
# Endings of photos that `facemtl.photos.formats` names and does not decode.
CONVERTED = {
    *(".heic", ".heif", ".dng", ".cr2", ".cr3"),
    *(".nef", ".arw", ".orf", ".rw2", ".raf"),
}


@dataclass
class FolderPhotos:
    """The photos in a folder and its subfolders.

    Attributes:
        files: names that begin with the folder's, sorted folder by folder.
        others: {ending: number} of files with other endings.
        faults: a line for each subfolder that cannot be read.
    """

    files: list[str] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def others_line(self) -> str:
        """Return how many files are left out, and their commonest endings.

        Example:

        >>> FolderPhotos(others=Counter({".txt": 2, "": 1})).others_line()
        '3 files of other formats: 2 .txt, 1 without an ending'
        """
        n = self.others.total()
        some = [
            f"{count} {printable(ending) or 'without an ending'}"
            for ending, count in self.others.most_common(5)
        ]
        if len(self.others) > 5:
            some.append("…")
        advice = "; convert HEIC and raw photos to JPEG to use them"
        convert = advice if CONVERTED & self.others.keys() else ""
        noun = plural(n, "file")
        return f"{n} {noun} of other formats: {', '.join(some)}{convert}"


def photos_in(
    folder: str | Path, apart: Collection[str | Path] = ()
) -> FolderPhotos:
    """List the photos in a folder and its subfolders, by their endings.

    Hidden files and folders are left out. Links to files are followed, links
    to folders are not.

    Args:
        folder: the folder.
        apart: folders that are left out, such as those of outputs.

    Raises:
        InputError: if the folder cannot be read or holds no photo.
    """
    found = FolderPhotos()
    top = str(folder)

    def failed(error: OSError) -> None:
        if error.filename == top:
            raise InputError(
                f"Expected a folder of photos that can be read. Received: "
                f"{folder}: {reason(error)}."
            )
        found.faults.append(f"{error.filename}: {reason(error)}")

    left_out = {os.path.realpath(place) for place in apart}
    for root, folders, names in os.walk(top, onerror=failed):
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".")
            and os.path.realpath(Path(root) / name) not in left_out
        )
        for name in sorted(names):
            _sort_in(found, Path(root) / name)
    if not found.files:
        what = found.others_line() if found.others else "no file"
        raise InputError(
            f"Expected photos in the folder {folder}. Received: {what}."
        )
    return found


def _sort_in(found: FolderPhotos, file: Path) -> None:
    """Add a file to the photos or to the others."""
    ending = file.suffix.lower()
    if file.name.startswith("."):
        return
    special = file.exists() and not file.is_file()  # a pipe or a device
    if ending in ENDINGS and not special:
        found.files.append(str(file))
    else:
        found.others[ending] += 1
