"""`PhotoFaces`: the faces of one photo, as a list that can draw itself."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, SupportsIndex, overload

import cv2
import numpy as np

from facemtl.errors import InputError
from facemtl.inference.drawing import draw_faces
from facemtl.inference.face import Face
from facemtl.inference.face_cells import face_cells
from facemtl.photos.encoding import encoded, save_photo
from facemtl.photos.source import PhotoSource

NOTEBOOK = 1024  # pixels of a notebook's picture along its longer side


class PhotoFaces(list[Face]):
    """The faces of one photo.

    A list of `Face` that also knows its photo, to draw it. It equals a plain
    list of equal faces. A slice has the same photo.

    A file is read again when it is drawn, and takes no memory until then.
    Coded bytes are held, and so are the pixels of an array, without a copy if
    it is RGB. `list(faces)` is a plain list without a photo. A pickle and a
    deep copy know a file, but hold neither bytes nor pixels.

    Args:
        faces: the faces.
        photo: the pixels (H, W, 3), uint8, RGB; or a `PhotoSource`. None if
            unknown.
        error: why the photo could not be used, or "".

    Example:

    >>> photo = np.zeros((50, 50, 3), np.uint8)
    >>> faces = PhotoFaces([Face((9.0, 9.0, 40.0, 40.0))], photo)
    >>> faces.draw().shape
    (480, 480, 3)
    >>> faces.to_rows()[0]["right"]
    40.0
    """

    def __init__(
        self,
        faces: Iterable[Face] = (),
        photo: np.ndarray | PhotoSource | None = None,
        error: str = "",
    ) -> None:
        super().__init__(faces)
        self._photo = photo
        self.error = error

    @property
    def photo(self) -> np.ndarray | None:
        """The photo's pixels (H, W, 3), uint8, RGB; None if unknown.

        Raises:
            InputError: if its file has changed or is missing.
        """
        if isinstance(self._photo, PhotoSource):
            return self._photo.read()
        return self._photo

    @overload
    def __getitem__(self, index: SupportsIndex) -> Face: ...

    @overload
    def __getitem__(self, index: slice) -> "PhotoFaces": ...

    def __getitem__(self, index: SupportsIndex | slice) -> "Face | PhotoFaces":
        if isinstance(index, slice):
            return PhotoFaces(super().__getitem__(index), self._photo)
        return super().__getitem__(index)

    def copy(self) -> "PhotoFaces":
        """Return a list of the same faces with the same photo."""
        return PhotoFaces(self, self._photo, self.error)

    __copy__ = copy

    def __reduce__(self) -> tuple[Any, ...]:
        is_file = isinstance(self._photo, PhotoSource) and self._photo.is_file
        photo = self._photo if is_file else None
        return PhotoFaces, (list(self), photo, self.error)

    def draw(self, labels: str = "all") -> np.ndarray:
        """Return the annotated photo (H, W, 3), uint8, RGB.

        Args:
            labels: `"all"`, `"short"` or `"none"`; see
                `facemtl.inference.drawing.draw_faces`.

        Raises:
            InputError: for other labels, or without a photo, or if its file
                has changed.
        """
        photo = self.photo
        if photo is None:
            raise InputError(
                "Expected faces with their photo, to draw them. Received: "
                f"{self.error or 'a list without it'}. Draw one of them by "
                "face.draw(photo)."
            )
        # Numbers relate several faces to the rows of JSON and CSV.
        numbers = range(1, len(self) + 1) if len(self) > 1 else ()
        titles = [f"face {number}" for number in numbers]
        return draw_faces(photo, self, titles, labels)

    def save(self, file: str | Path, labels: str = "all") -> None:
        """Write the annotated photo atomically.

        Args:
            file: its name; the ending is the format. JPEG and WebP have
                quality 95.
            labels: see `draw`.

        Raises:
            InputError: for another ending, or if it cannot be written.
        """
        save_photo(self.draw(labels), file)

    def to_json(self) -> str:
        """Return the JSON text of a list of `Face.to_dict`."""
        return json.dumps([face.to_dict() for face in self], indent=1)

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one {column: cell} per face, as `facemtl predict --csv`.

        For a table: `pandas.DataFrame(faces.to_rows())`.
        """
        numbered = enumerate(self, 1)
        return [{"face": k, **face_cells(f, ("face",))} for k, f in numbered]

    def _repr_png_(self) -> bytes | None:
        """Return a picture for notebooks; None without a photo."""
        if self._photo is None:
            return None
        drawn = self.draw()
        scale = NOTEBOOK / max(drawn.shape[:2])
        if scale < 1:
            height, width = (max(1, round(scale * x)) for x in drawn.shape[:2])
            drawn = cv2.resize(
                drawn, (width, height), interpolation=cv2.INTER_AREA
            )
        return encoded(drawn, ".png")
