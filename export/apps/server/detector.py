"""`LimitedDetector`: no more faces than can be predicted in time."""

from facemtl.detection.detector import FaceDetector
from facemtl.detection.found import Found
from facemtl.export.apps.server.limits import Refused
from facemtl.photos.photo import Photo


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
