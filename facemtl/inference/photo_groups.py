"""Read and detect several photos, in groups that fit into memory."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from facemtl.detection.found import Boxes, Found
from facemtl.detection.given import numbered
from facemtl.errors import InputError
from facemtl.inference.views import View
from facemtl.photos.photo import Photo
from facemtl.photos.source import PhotoSource, source_of

LARGEST = 2**28  # bytes of a group's pixels, about seven 12-megapixel photos
Read = Callable[[Photo, Boxes | None], View]
Find = Callable[[View, Boxes | None], tuple[View, Found]]


@dataclass
class PhotoGroup:
    """Photos whose faces are predicted together.

    Attributes:
        sources: what the photos can be read again from.
        views: the pixels of each photo; none of a skipped one.
        found: the faces of each photo.
        errors: why a photo is skipped, or "".
    """

    sources: list[PhotoSource | np.ndarray] = field(default_factory=list)
    views: list[View] = field(default_factory=list)
    found: list[Found] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def photo_groups(
    photos: Sequence[Photo],
    boxes: Sequence[Boxes | None],
    read: Read,
    find: Find,
    skip: bool,
) -> Iterator[PhotoGroup]:
    """Yield the photos in order, in groups of up to 256 MB of pixels.

    Args:
        photos: the photos.
        boxes: for each photo its boxes, or None.
        read: returns a photo's pixels, all if boxes are given.
        find: returns the faces of a photo, from its boxes if given, and its
            pixels.
        skip: whether invalid photos are skipped.

    Raises:
        InputError: for an invalid photo that is not skipped, or invalid boxes,
            with the number of the photo.
    """
    group, size = PhotoGroup(), 0
    for i, (photo, own) in enumerate(zip(photos, boxes, strict=True), 1):
        with numbered(i, len(photos)):
            view, error = _read(photo, own, read, skip)
            found = Found.given([])
            if not error:
                view, found = find(view, own)
        pixels = view.pixels
        if group.views and size + pixels.nbytes > LARGEST:
            yield group
            group, size = PhotoGroup(), 0
        size += pixels.nbytes
        group.sources.append(pixels if error else source_of(photo, pixels))
        group.views.append(view)
        group.found.append(found)
        group.errors.append(error)
    if group.views:
        yield group


def _read(
    photo: Photo, boxes: Boxes | None, read: Read, skip: bool
) -> tuple[View, str]:
    """Return a photo's pixels, or none and the error of a skipped one."""
    try:
        return read(photo, boxes), ""
    except InputError as error:
        if not skip:
            raise
        return View(np.empty((0, 0, 3), np.uint8)), str(error)
