"""Read a JPEG's segments: detect truncation, read its size."""

import re
from collections.abc import Iterator

_JPEG_START, _JPEG_END = b"\xff\xd8", 0xD9
# Markers that end a scan's pixels or begin a segment with a length.
_JPEG_MARKER = re.compile(rb"\xff[\xc0-\xcf\xd9-\xef\xfe]")
# Markers of segments with the photo's size: all frames but tables.
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}

# libjpeg's warnings about missing and about invalid data.
_WARNINGS = ("remature end of", "bad Huffman code")


def is_jpeg(data: bytes) -> bool:
    """Return whether a file begins as a JPEG."""
    return data.startswith(_JPEG_START)


def is_truncated_jpeg(data: bytes) -> bool:
    """Return whether a JPEG's stream has no end marker.

    Some versions of OpenCV fill the missing part with gray instead of failing.
    Phones append a video after the end, and an embedded thumbnail has its own
    end marker, so this walks through the segments.
    """
    return is_jpeg(data) and all(
        marker != _JPEG_END for marker, _ in _segments(data)
    )


def jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Return width and height in pixels; None if no header has them."""
    for marker, at in _segments(data):
        if marker in _FRAMES and len(data) >= at + 7:
            height = int.from_bytes(data[at + 3 : at + 5])
            return int.from_bytes(data[at + 5 : at + 7]), height
    return None


def lacks_pixels(words: str) -> bool:
    """Return whether libjpeg's warnings report missing pixels.

    The decoder fills the rest of a truncated JPEG with gray. Other warnings,
    such as extraneous bytes before a marker, do not affect the photo.

    Example:

    >>> lacks_pixels("Corrupt JPEG data: premature end of data segment")
    True
    """
    return any(warning in words for warning in _WARNINGS)


def _segments(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield the first photo's markers and the offset after each."""
    at = len(_JPEG_START)
    while marker := _JPEG_MARKER.search(data, at):
        at = marker.end()
        yield data[at - 1], at
        if data[at - 1] == _JPEG_END:
            return
        at += int.from_bytes(data[at : at + 2])
