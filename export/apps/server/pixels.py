"""How large a photo is, before it is decoded, and how many faces it has."""

import math

from facemtl.detection.detector import FaceDetector
from facemtl.detection.found import Found
from facemtl.export.apps.batch.photo import check_size
from facemtl.export.apps.server.limits import MILLION, Refused
from facemtl.photos.photo import Photo
from facemtl.photos.size import stored_size


def pixels_of(photo: bytes, megapixels: float) -> int:
    """Pixels of a photo.

    Args:
        photo: the bytes of its file.
        megapixels: the most it may have.

    Raises:
        InputError: for what is none; `Refused`, 413, for a larger one.

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
    """A photo with more faces than are predicted where it was detected."""

    def __init__(self, most: int, detected: int) -> None:
        super().__init__(
            413,
            f"Expected at most {most:,} faces in a photo. Received: one with "
            f"{detected:,}; send parts of it.",
        )


class LimitedDetector(FaceDetector):
    """Detects faces, and refuses a photo of too many.

    Args:
        most: faces of a photo.
    """

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def __call__(self, photo: Photo) -> Found:
        """The faces in a photo.

        Raises:
            TooManyFaces: status 413.
        """
        found = super().__call__(photo)
        if len(found) > self._most:
            raise TooManyFaces(self._most, len(found))
        return found
