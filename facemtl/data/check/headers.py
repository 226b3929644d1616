"""Read the size and the orientation in a photo's header."""

import io
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from facemtl.files.reading import check_regular
from facemtl.photos.images import FolderImages, Images, ZipImages
from facemtl.photos.joined import JoinedImages
from facemtl.photos.orientation import TAG, exif_orientation, orientation
from facemtl.process.environment import cores

WIDTH, HEIGHT = 256, 257  # tags of a TIFF
CHUNK = 64  # photos


def photo_headers(
    images: Images, names: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Read EXIF orientations and sizes of photos, without decoding them.

    Args:
        images: the source of the photos. Only files have a header; other
            photos, such as synthetic ones, have orientation 1 and size NaN.
        names: (N,) photo names.

    Returns:
        (N,) int orientations from 1 (not rotated) to 8, and (N, 2) float width
        and height as displayed, NaN if the header cannot be read.
    """
    turns, sizes = np.ones(len(names), int), np.full((len(names), 2), np.nan)
    if isinstance(images, JoinedImages):
        pairs = [images.find(str(name)) for name in names]
        for part in images.parts.values():
            own = np.array([one is part for _, one in pairs])
            some = np.array([name for name, one in pairs if one is part])
            turns[own], sizes[own] = photo_headers(part, some)
        return turns, sizes
    if not isinstance(images, (FolderImages, ZipImages)):
        return turns, sizes
    different, row = np.unique(names, return_inverse=True)
    parts = np.array_split(different, -(-len(different) // CHUNK) or 1)

    def read(part: np.ndarray) -> list[tuple[int, tuple[float, float]]]:
        return [_header(images, name) for name in part]

    # A task for each photo would take longer than its header.
    with ThreadPoolExecutor(cores()) as pool:
        found = [one for part in pool.map(read, parts) for one in part]
    for i, k in enumerate(row.ravel()):
        turns[i], sizes[i] = found[k]
    return turns, sizes


def _header(
    images: FolderImages | ZipImages, name: str
) -> tuple[int, tuple[float, float]]:
    """Return orientation, and width and height as displayed, of one photo."""
    # A local import, so that --help is fast.
    from PIL import Image

    try:
        with Image.open(_file(images, name)) as photo:
            turn, size = _stored(images, name, photo)
    except Exception:
        # Pillow raises many kinds of errors for a missing or broken header. The
        # decoder reports the photo later.
        return 1, (np.nan, np.nan)
    return turn, size[::-1] if turn >= 5 else size


def _file(images: FolderImages | ZipImages, name: str) -> Any:
    if isinstance(images, FolderImages):
        check_regular(images.root / name)  # Reading a pipe would block.
        return images.root / name
    return io.BytesIO(images.read_bytes(name))


def _stored(
    images: FolderImages | ZipImages, name: str, photo: Any
) -> tuple[int, tuple[float, float]]:
    """Return the orientation that the decoder applies, and the stored size."""
    if photo.format == "TIFF":  # Pillow may have rotated its size already.
        tags = photo.tag_v2
        turn = tags.get(TAG, 1)
        return turn if turn in range(1, 9) else 1, (tags[WIDTH], tags[HEIGHT])
    if photo.format in ("JPEG", "MPO"):
        return exif_orientation(photo.info.get("exif", b"")), photo.size
    turned = photo.format in ("PNG", "WEBP", "AVIF")
    turn = orientation(images.read_bytes(name)) if turned else None
    return turn or 1, photo.size
