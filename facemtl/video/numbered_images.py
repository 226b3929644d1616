"""Read numbered images, such as img_0001.png, as a video."""

import re
from collections.abc import Generator
from pathlib import Path

from facemtl.errors import InputError
from facemtl.photos.photo import as_rgb
from facemtl.process.native_words import without_native_words
from facemtl.video.frame import Frame, IncompleteVideo
from facemtl.video.settings import IMAGES_RATE
from facemtl.video.source import NUMBER
from facemtl.words import plural


class NumberedImages:
    """The images that match a pattern, by number.

    The first image may have any number. Index and time of a frame follow from
    its number, so a missing or broken image leaves a pause.

    Args:
        pattern: such as "img_%04d.png".
        rate: images per second.

    Raises:
        InputError: if no image matches.

    Attributes:
        frames: the expected number, from the first to the last image.
        rate: images per second.
    """

    def __init__(self, pattern: str, rate: float = IMAGES_RATE) -> None:
        self._pattern = Path(pattern)
        self._files = _numbered(self._pattern)
        if not self._files:
            raise InputError(
                f"Expected images such as {self._file(1)}. Received: none "
                f"for {pattern}."
            )
        self._first = min(self._files)
        self.frames = max(self._files) - self._first + 1
        self.rate = rate

    def __iter__(self) -> Generator[Frame, None, None]:
        """Yield the images that can be read.

        Raises:
            IncompleteVideo: at the end, if an image is missing or broken.
        """
        read, reason = 0, ""
        expected = self._first
        for number, file in sorted(self._files.items()):
            if number > expected:
                reason = reason or f"{self._file(expected)} is missing"
            expected = number + 1
            try:
                pixels = without_native_words(as_rgb, file)
            except InputError as error:
                reason = reason or str(error).rstrip(".")
                continue
            read += 1
            index = number - self._first
            yield Frame(index, index / self.rate, pixels)
        if reason:
            raise IncompleteVideo(
                f"{self._pattern}: {read} of {self.frames} "
                f"{plural(self.frames, 'frame')}: {reason}."
            )

    def _file(self, number: int) -> Path:
        return self._pattern.with_name(_name(self._pattern.name, number))


def _name(pattern: str, number: int) -> str:
    """Fill a number into a pattern, as C's printf does."""

    def filled(found: re.Match[str]) -> str:
        return "%" if found[0] == "%%" else f"{number:0{found[1] or 1}d}"

    return re.sub(f"%%|{NUMBER.pattern}", filled, pattern)


def _numbered(pattern: Path) -> dict[int, Path]:
    start, end = (
        re.escape(part.replace("%%", "%")) for part in _around(pattern.name)
    )
    found = {}
    for file in pattern.parent.iterdir():
        match = re.fullmatch(f"{start}([0-9]+){end}", file.name)
        # Only one of 1 and 0001 has the pattern's width.
        if match and _name(pattern.name, int(match[1])) == file.name:
            found[int(match[1])] = file
    return found


def _around(name: str) -> tuple[str, str]:
    """Return the parts of a pattern before and after the number."""
    match = next(
        m for m in re.finditer(f"%%|{NUMBER.pattern}", name) if m[0] != "%%"
    )
    return name[: match.start()], name[match.end() :]
