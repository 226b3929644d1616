"""`JoinedImages`: the photos of several sources under one set of names."""

from collections.abc import Mapping

import numpy as np

from facemtl.photos.images import Images


class JoinedImages:
    """Read photos of several sources.

    Args:
        parts: {prefix: images}. A name that begins with a prefix is read from
            its images, without the prefix; all other names are read from the
            images of the prefix "".

    Example:

    >>> from facemtl.photos.images import FolderImages
    >>> photos = {"": FolderImages("mine"), "2: ": FolderImages("others")}
    >>> JoinedImages(photos).stamp("2: a.jpg")
    'missing'
    """

    def __init__(self, parts: Mapping[str, Images]) -> None:
        self.parts = dict(parts)

    def find(self, name: str) -> tuple[str, Images]:
        """Return a photo's own name, and its source."""
        for prefix, images in self.parts.items():
            if prefix and name.startswith(prefix):
                return name[len(prefix) :], images
        return name, self.parts[""]

    def read(self, name: str) -> np.ndarray:
        """Return a photo; see `Images.read`."""
        own, images = self.find(name)
        return images.read(own)

    def stamp(self, name: str) -> str:
        """Return text that changes with the photo; see `Images.stamp`."""
        own, images = self.find(name)
        return images.stamp(own)
