"""The pictures of each photo: annotated, and its faces aligned."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from facemtl.inference.photo_faces import PhotoFaces
from facemtl.predict.inputs import STANDARD_INPUT
from facemtl.predict.parser import CROP_SIZE
from facemtl.predict.pictures import Pictures
from facemtl.words import plural, printable


class FacePictures:
    """Writes the pictures of `--draw` and `--crops`, if they are asked for.

    Args:
        args: the command's arguments.

    Raises:
        InputError: if a folder cannot be created.
    """

    def __init__(self, args: argparse.Namespace) -> None:
        self._drawn = Pictures(args.draw) if args.draw else None
        self._crops = Pictures(args.crops) if args.crops else None
        self._labels = args.labels or "all"
        self._size = args.crop_size or CROP_SIZE

    def draw(self, faces: PhotoFaces, photo: str) -> None:
        """Write an annotated photo in the photo's format.

        Raises:
            InputError: if it cannot be written.
        """
        if self._drawn is not None:
            drawn = faces.draw(self._labels)
            ending = Path(photo).suffix
            self._drawn.write(drawn, f"{_stem(photo)}_faces", ending)

    def crop(self, faces: PhotoFaces, photo: str) -> list[str]:
        """Write the aligned faces of a photo; return their files' names.

        Raises:
            InputError: if one cannot be written.
        """
        pixels = faces.photo
        if self._crops is None or pixels is None:
            return []
        names = []
        for number, face in enumerate(faces, 1):
            crop = face.aligned(pixels, self._size)
            names.append(
                self._crops.write(crop, f"{_stem(photo)}_face{number}")
            )
        return names

    def written(self) -> list[str]:
        """Return what was written where, in words."""
        return [
            f"{some.written} {plural(some.written, what)} in {some.folder}"
            for some, what in (
                (self._drawn, "annotated photo"),
                (self._crops, "aligned face"),
            )
            if some is not None
        ]


def show_written(places: Sequence[str]) -> None:
    """Print the places that were written, if any, on standard error."""
    if places:
        print(f"Wrote {printable(', '.join(places))}.", file=sys.stderr)


def _stem(photo: str) -> str:
    return "stdin" if photo == STANDARD_INPUT else Path(photo).stem
