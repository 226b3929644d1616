"""`--draw`: write annotated photos into a folder."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from facemtl.errors import InputError
from facemtl.files.places import remove_parts
from facemtl.files.writing import LONGEST, short_name, write_bytes
from facemtl.inference.drawing import draw_faces
from facemtl.inference.face import Face


class Pictures:
    """Writes annotated photos into a folder; replaces those of earlier calls.

    Args:
        folder: created if missing.

    Raises:
        InputError: if it cannot be created.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            remove_parts(self.folder)
        except OSError as error:
            raise InputError(
                f"Expected a folder to draw into: {error}."
            ) from None
        self._used: set[str] = set()

    def name(self, photo: str, ending: str) -> Path:
        """Return a new file for a photo, with a name of allowed length.

        If two photos have the same name, one gets a 2. Case is ignored, because
        some file systems ignore it.
        """
        stem, number, end = f"{Path(photo).stem}_faces", 1, ending
        while True:
            name = short_name(stem, LONGEST - len(end)) + end
            if name.casefold() not in self._used:
                self._used.add(name.casefold())
                return self.folder / name
            number += 1
            end = f"_{number}{ending}"

    def write(
        self, pixels: np.ndarray, faces: Sequence[Face], name: str
    ) -> None:
        """Draw faces on a photo (H, W, 3), uint8, RGB, and write it.

        Raises:
            InputError: if the file cannot be written.
        """
        # Titles relate several faces to the rows of the JSON and CSV.
        numbers = range(1, len(faces) + 1) if len(faces) > 1 else ()
        titles = [f"face {number}" for number in numbers]
        drawn = draw_faces(pixels, faces, titles)
        _, data = cv2.imencode(".png", drawn[..., ::-1])
        file = self.name(name, ".png")
        try:
            write_bytes(data.tobytes(), file)
        except OSError as error:
            raise InputError(
                f"Expected to write {file}. Received: {error.strerror}."
            ) from None
