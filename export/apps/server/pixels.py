"""Check the size of a photo before decoding, and the number of its faces."""

import math

from facemtl.detection.detector import FaceDetector
from facemtl.detection.found import Found
from facemtl.export.apps.batch.photo import check_size
from facemtl.export.apps.server.limits import MILLION, Refused
from facemtl.photos.photo import Photo
from facemtl.photos.size import stored_size


def pixels_of(photo: bytes, megapixels: float) -> int:
    """Return the number of pixels of a photo.

    Args:
        photo: bytes of the photo's file.
        megapixels: maximum size.

    Raises:
        InputError: if it is not a photo; `Refused`, 413, if it is too large.

    Example:

    >>> pixels_of(b"P6 40000 30000 255 ", 100)
    Traceback (most recent call last):
        ...
    facemtl...Refused: Expected at most 100 megapixels. Received: ...
    """
    check_size(photo, math.inf)
    width, height = stored_size(photo) or (0, 0)
    if width * height > megapixels * MILLION:
        raise Refused(
            413,
            f"Expected at most {megapixels:g} megapixels. "
            f"Received: {width:,} x {height:,} pixels.",
        )
    return width * height


class TooManyFaces(Refused):
    """A photo with more faces than are predicted directly after detection."""

    def __init__(self, most: int, detected: int) -> None:
        super().__init__(
            413,
            f"Expected at most {most:,} faces in a photo. Received: one with "
            f"{detected:,}; send parts of it.",
        )


class LimitedDetector(FaceDetector):
    """Detect faces, and refuse a photo with too many.

    Args:
        most: maximum number of faces in a photo.
    """

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def __call__(self, photo: Photo) -> Found:
        """Detect the faces in a photo.

        Raises:
            TooManyFaces: status 413.
        """
        found = super().__call__(photo)
        if len(found) > self._most:
            raise TooManyFaces(self._most, len(found))
        return found
