"""`--draw` and `--crops`: write pictures into a folder."""

from pathlib import Path

import numpy as np

from facemtl.errors import InputError
from facemtl.files.places import remove_parts
from facemtl.files.writing import LONGEST, short_name, write_bytes
from facemtl.photos.encoding import ENDINGS, encoded

PNG = ".png"


class Pictures:
    """Writes pictures into a folder; replaces those of earlier calls.

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
        self.written = 0

    def name(self, stem: str, ending: str) -> Path:
        """Return a new file, with a name of allowed length.

        If two pictures have the same name, one gets a 2. Case is ignored,
        because some file systems ignore it.

        Args:
            stem: the name without its ending.
            ending: with its dot.
        """
        number, end = 1, ending
        while True:
            name = short_name(stem, LONGEST - len(end)) + end
            if name.casefold() not in self._used:
                self._used.add(name.casefold())
                return self.folder / name
            number += 1
            end = f"_{number}{ending}"

    def write(self, pixels: np.ndarray, stem: str, ending: str = PNG) -> str:
        """Write a picture (H, W, 3), uint8, RGB; return its file's name.

        A format that is not written, or not in this size, becomes PNG.

        Raises:
            InputError: if the file cannot be written.
        """
        if ending.lower() not in ENDINGS:
            ending = PNG
        try:
            data = encoded(pixels, ending)
        except InputError:
            ending = PNG
            data = encoded(pixels, ending)
        file = self.name(stem, ending)
        try:
            write_bytes(data, file)
        except OSError as error:
            raise InputError(
                f"Expected to write {file}. Received: {error.strerror}."
            ) from None
        self.written += 1
        return file.name
