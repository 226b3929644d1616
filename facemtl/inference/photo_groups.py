"""Read and detect several photos, in groups that fit into memory."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from facemtl.detection.found import Boxes, Found
from facemtl.detection.given import numbered
from facemtl.errors import InputError
from facemtl.photos.photo import Photo, as_rgb
from facemtl.photos.source import PhotoSource, source_of

LARGEST = 2**28  # bytes of a group's pixels, about seven 12-megapixel photos
Find = Callable[[np.ndarray, Boxes | None], Found]


@dataclass
class PhotoGroup:
    """Photos whose faces are predicted together.

    Attributes:
        sources: what the photos can be read again from.
        pixels: (H, W, 3) uint8, RGB; of a skipped photo (0, 0, 3).
        found: the faces of each photo.
        errors: why a photo is skipped, or "".
    """

    sources: list[PhotoSource | np.ndarray] = field(default_factory=list)
    pixels: list[np.ndarray] = field(default_factory=list)
    found: list[Found] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def photo_groups(
    photos: Sequence[Photo],
    boxes: Sequence[Boxes | None],
    find: Find,
    bgr: bool,
    skip: bool,
) -> Iterator[PhotoGroup]:
    """Yield the photos in order, in groups of up to 256 MB of pixels.

    Args:
        photos: the photos.
        boxes: for each photo its boxes, or None.
        find: returns the faces of a photo, from its boxes if given.
        bgr: whether arrays have OpenCV's channel order.
        skip: whether invalid photos are skipped.

    Raises:
        InputError: for an invalid photo that is not skipped, or invalid boxes,
            with the number of the photo.
    """
    group, size = PhotoGroup(), 0
    for i, (photo, own) in enumerate(zip(photos, boxes, strict=True), 1):
        with numbered(i, len(photos)):
            pixels, error = _read(photo, bgr, skip)
            found = Found.given([]) if error else find(pixels, own)
        if group.pixels and size + pixels.nbytes > LARGEST:
            yield group
            group, size = PhotoGroup(), 0
        size += pixels.nbytes
        group.sources.append(pixels if error else source_of(photo, pixels))
        group.pixels.append(pixels)
        group.found.append(found)
        group.errors.append(error)
    if group.pixels:
        yield group


def _read(photo: Photo, bgr: bool, skip: bool) -> tuple[np.ndarray, str]:
    """Return a photo's pixels, or none and the error of a skipped one."""
    try:
        return as_rgb(photo, bgr), ""
    except InputError as error:
        if not skip:
            raise
        return np.empty((0, 0, 3), np.uint8), str(error)
