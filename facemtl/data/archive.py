"""Find the official MTFL archive, unpacked or as a zip."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from facemtl.arguments import checked_path
from facemtl.data.other_formats import refuse_other_formats
from facemtl.errors import InputError, RowError
from facemtl.pages import page
from facemtl.photos.images import FolderImages, ZipImages

LABELS = {"train": "training.txt", "test": "testing.txt"}
POINT_LISTS = {"train": "trainImageList.txt", "test": "testImageList.txt"}
MOST_LIST = 2**26  # Bytes; MTFL's own lists have one million.
BOX_LISTS = ("trainImageList.txt", "testImageList.txt", "testBoxList.txt")


@dataclass(frozen=True)
class Archive:
    """The places of MTFL's files.

    Attributes:
        root: the folder or zip that the user named.
        home: the folder, or folder in a zip, with labels and photos.
        beside: `root`, or the folder that contains the zip, which may have
            lists too.
    """

    root: Path
    home: FolderImages | ZipImages
    beside: FolderImages

    def lines(self, file: str) -> list[str] | None:
        """Return a text file's lines; None if the file is missing."""
        for folder in (self.home, self.beside):
            if file in folder:
                try:
                    data = folder.read_bytes(file, MOST_LIST)
                except RowError as error:
                    raise InputError(
                        f"Expected a list of MTFL. Received: {error.detail}."
                    ) from None
                # An invalid UTF-8 name is reported later as a missing image.
                # Only "\n" ends a row, so that rows count as in an editor.
                return data.decode("utf-8-sig", "replace").split("\n")
        return None

    def found(self) -> list[str]:
        """Return the known text files that exist."""
        files = dict.fromkeys((*LABELS.values(), *BOX_LISTS))
        return [
            file for file in files if file in self.home or file in self.beside
        ]


def open_archive(root: str | Path) -> Archive:
    """Find MTFL in a folder, a subfolder of it, or a zip.

    Args:
        root: a zip with the files; or a folder that has them, or that has a
            folder or a zip with them.

    Returns:
        The archive; `root` itself if no label file is found.

    Raises:
        InputError: if `root` does not exist, is a broken zip, or contains
            labels of another format that `facemtl data convert` reads.
    """
    root = checked_path("a folder or zip of MTFL", root)
    if not root.exists():
        raise InputError(
            f"{root}: expected a folder or zip of MTFL. Received: no such "
            f"path. See {page('data/README.md')} for where the data comes from."
        )
    if not root.is_dir():
        refuse_other_formats(root)
    beside = FolderImages(root if root.is_dir() else root.parent)
    home = find_home(root)
    if home is None:
        refuse_other_formats(root)
        home = beside if root.is_dir() else ZipImages(root)
    return Archive(root, home, beside)


def find_home(root: Path) -> FolderImages | ZipImages | None:
    """Return the place in a folder or zip with labels of MTFL, if any."""
    for files in (LABELS, POINT_LISTS):
        for home in _homes(root):
            if any(file in home for file in files.values()):
                return home
    return None


def _homes(root: Path) -> Iterator[FolderImages | ZipImages]:
    """Yield every place in `root` that may hold the files, likeliest first."""
    if root.is_dir():
        entries = sorted(root.iterdir())
        yield FolderImages(root)
        yield from (FolderImages(path) for path in entries if path.is_dir())
        zips = [path for path in entries if path.suffix.lower() == ".zip"]
    else:
        zips = [root]
    for path in zips:
        prefixes = _zip_prefixes(ZipImages(path))
        yield from (ZipImages(path, prefix) for prefix in prefixes)


def _zip_prefixes(whole: ZipImages) -> list[str]:
    """Return the folders of a zip with a label file, outermost first."""
    known = (*LABELS.values(), *POINT_LISTS.values())
    folders = {
        name.rpartition("/")[0]
        for name in whole.entries
        if name.rpartition("/")[2] in known
    }
    return sorted(folders, key=lambda folder: (folder.count("/"), folder))
