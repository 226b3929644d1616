"""Find CelebA's photos, aligned to the eyes or in the wild.

Each list of points or boxes belongs to only one of the two kinds.
"""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from facemtl.errors import InputError
from facemtl.photos.images import FolderImages

ALIGNED_FOLDERS = ("img_align_celeba", "img_align_celeba_png")
WILD_FOLDERS = ("img_celeba",)
ALIGNED_SIZE = (218, 178)  # height, width
_KINDS = {True: "aligned", False: "in the wild"}


class CelebaPhotos(NamedTuple):
    """A folder of photos, and whether they are aligned to the eyes."""

    folder: Path
    aligned: bool


def find_photos(
    sources: Sequence[Path],
    given: Path | None,
    pointed: Collection[bool],
    first: str,
) -> CelebaPhotos:
    """Find the photos of the lists.

    Args:
        sources: lists, or folders with lists.
        given: the folder that the user named; None searches near the sources.
        pointed: the kinds with a list of points (True: aligned). It decides if
            photos of both kinds exist.
        first: the first photo's name.

    Raises:
        InputError: if no folder is found, or the choice is ambiguous.
    """
    if given is not None:
        if not given.is_dir():
            raise InputError(
                f"{given}: expected a folder of photos (--photos). "
                "Received: no such folder."
            )
        return CelebaPhotos(given.resolve(), _is_aligned(given, first))
    found = {
        aligned: next(_near(sources, names), None)
        for aligned, names in ((True, ALIGNED_FOLDERS), (False, WILD_FOLDERS))
    }
    folders = {kind: folder for kind, folder in found.items() if folder}
    if len(folders) > 1 and len(set(pointed)) == 1:
        folders = {kind: folders[kind] for kind in pointed}
    if len(folders) != 1:
        received = " and ".join(map(str, folders.values())) or "neither"
        raise InputError(
            "Expected CelebA's photos in img_align_celeba or img_celeba beside "
            f"the lists. Received: {received}. Name the folder with "
            "--photos DIR."
        )
    aligned, folder = folders.popitem()
    return CelebaPhotos(folder.resolve(), aligned)


def _near(sources: Sequence[Path], names: Sequence[str]) -> Iterator[Path]:
    """Yield folders with these names near the sources, or one folder above."""
    for source in sources:
        place = (source if source.is_dir() else source.parent).resolve()
        for folder in (place, place.parent):
            for inside in ("", "Img", "img", "images"):
                for name in names:
                    path = folder / inside / name
                    # Kaggle's archive nests two folders of the same name.
                    yield from filter(Path.is_dir, (path / name, path))


def _is_aligned(folder: Path, first: str) -> bool:
    """Whether photos are aligned, judged by folder name or size."""
    for name in (folder.resolve().name, folder.resolve().parent.name):
        if name in ALIGNED_FOLDERS + WILD_FOLDERS:
            return name in ALIGNED_FOLDERS
    return FolderImages(folder).read(first).shape[:2] == ALIGNED_SIZE
