"""Write a text file piece by piece."""

import io
import sys
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from facemtl.errors import InputError
from facemtl.files.places import (
    is_written_through,
    open_through,
    put_in_place,
    true_place,
)
from facemtl.files.writing import LONGEST, short_name


class TextFile:
    """A file that gets its name when it is complete.

    Each piece is written at once. Until the end, and after a failure, the file
    is called `NAME.part`; if it cannot be written, it is removed. Devices and
    pipes are written directly.

    Args:
        file: the file; `-` is standard output.

    Raises:
        InputError: if it cannot be written.

    Example:

        with TextFile("faces.json") as out:
            out.write("[]")
    """

    def __init__(self, file: str) -> None:
        self.file = true_place(file)  # Replaces a link's target, not the link.
        self.part = _part(self.file)
        self._out: TextIO = sys.stdout
        if file == "-":
            return
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            self._out = io.TextIOWrapper(
                open_through(self.part)
                if self.part == self.file
                else self.part.open("wb"),
                encoding="utf-8",
                newline="",
            )
        except OSError as error:
            raise self._failed(error) from None

    def __enter__(self) -> "TextFile":
        return self

    def write(self, text: str) -> None:
        """Write a piece; readers of the file see it at once."""
        try:
            self._out.write(text)
            self._out.flush()
        except OSError as error:
            if self._is_standard_output:
                raise
            self._remove()
            raise self._failed(error) from None

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._is_standard_output:
            return
        try:
            self._out.close()
            if kind is None and self.part != self.file:
                put_in_place(self.part, self.file)
        except OSError as error:
            # Do not hide the error that ended the block.
            if kind is None:
                self._remove()
                raise self._failed(error) from None

    def _remove(self) -> None:
        with suppress(OSError):
            self._out.close()  # Raises if buffered text cannot be written.
        if self.part != self.file:
            with suppress(OSError):
                self.part.unlink()

    @property
    def _is_standard_output(self) -> bool:
        return self._out is sys.stdout

    def _failed(self, error: OSError) -> InputError:
        return InputError(
            f"Expected to write {self.file}. Received: {error.strerror}."
        )


def _part(file: Path) -> Path:
    """Return the name of the incomplete file."""
    if is_written_through(file):
        return file
    name = short_name(file.name, LONGEST - len(".part"))
    return file.with_name(f"{name}.part")
