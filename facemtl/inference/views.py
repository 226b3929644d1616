"""Read a photo and find its faces, in half of a large JPEG where that suffices.

A JPEG is decoded at half of its size in less than half of the time. Photos are
shrunk for detection, and large faces for the network, so that most large photos
never need all of their pixels.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeGuard

import numpy as np

from facemtl.arguments import checked_path
from facemtl.detection.detector import Detector, FaceDetector
from facemtl.detection.found import Found
from facemtl.detection.given import checked_found
from facemtl.geometry.crops import SAMPLES, CropSpec
from facemtl.photos.decoding import decode
from facemtl.photos.halves import decode_half
from facemtl.photos.photo import Photo, as_rgb, read_file


@dataclass(frozen=True)
class View:
    """A photo's pixels.

    Attributes:
        pixels: (H, W, 3), uint8, RGB.
        scale: pixels of the photo, per axis, in one of these; 1 or 2.
        whole: returns all pixels of the photo; None if these are all.
    """

    pixels: np.ndarray
    scale: int = 1
    whole: Callable[[], np.ndarray] | None = None

    @property
    def shape(self) -> tuple[int, int, int]:
        """The shape (H, W, 3) of the whole photo."""
        height, width = self.pixels.shape[:2]
        return self.scale * height, self.scale * width, 3

    def place(
        self, window: np.ndarray, turn: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return turned pixels, and a window (3,) of the turned photo in them.

        Example:

        >>> half = View(np.zeros((4, 4, 3), np.uint8), scale=2)
        >>> half.place(np.array([-0.5, 1.5, 4.0]), turn=0)[1].tolist()
        [-0.5, 0.5, 2.0]
        """
        # 0 is the centre of the first pixel, at both scales.
        corner = (window[:2] + 0.5) / self.scale - 0.5
        return np.rot90(self.pixels, turn), np.array(
            [*corner, window[2] / self.scale]
        )


def read_view(photo: Photo, bgr: bool, detector: Detector) -> View:
    """Read as many of a photo's pixels as a detector needs.

    Args:
        photo: the photo; see `as_rgb`.
        bgr: whether an array has OpenCV's channel order.
        detector: the face detector. One of the user's gets the whole photo.

    Raises:
        InputError: for an invalid photo.
    """
    if type(detector) is not FaceDetector or not _can_read_again(photo):
        return View(as_rgb(photo, bgr))
    name = "the photo's bytes" if isinstance(photo, bytes) else photo
    data = photo if isinstance(photo, bytes) else read_file(photo)
    whole = partial(decode, data, name)
    half = decode_half(data, name, detector.searches_half)
    return View(whole()) if half is None else View(half, 2, whole)


def find_in(
    view: View, detector: Detector, spec: CropSpec
) -> tuple[View, Found]:
    """Return a photo's faces, and as many of its pixels as they need.

    Args:
        view: the photo.
        detector: the face detector.
        spec: the crops that are cut out of the pixels.
    """
    found = checked_found(detector(view.pixels))
    if view.whole is None:
        return view, found
    found = found.doubled()
    # Crops of smaller faces need each pixel of the photo.
    least = view.scale * SAMPLES * spec.size
    if (found.windows(spec.margin)[:, 2] >= least).all():
        return view, found
    return View(view.whole()), found


def _can_read_again(photo: Photo) -> TypeGuard[bytes | str | Path]:
    """Return whether a photo is a file or bytes, as `PhotoSource` keeps it."""
    if isinstance(photo, str | Path):
        return checked_path("a photo's file", photo).is_file()
    return isinstance(photo, bytes)
