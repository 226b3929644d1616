"""Width and height of a photo, as its header says; nothing is decoded.

For every format that OpenCV decodes, as its decoder reads them: a photo of
another format, or without a size in its header, is none.
"""

import re
from collections.abc import Callable
from typing import Literal

from facemtl.photos.avif import avif_sizes, boxes_in, is_avif
from facemtl.photos.jpeg import jpeg_size
from facemtl.photos.tiff_tags import is_tiff, tiff_tags

Size = tuple[int, int]  # width, height
_JP2 = b"\0\0\0\x0cjP  \r\n\x87\n"
_CODESTREAM = b"\xff\x4f\xff\x51"  # of JPEG 2000: its start and its sizes
_WIDTH, _HEIGHT, _TILE_WIDTH, _TILE_HEIGHT = 256, 257, 322, 323  # of a TIFF
# The numbers of a PNM stand behind blanks and comments.
_PNM = re.compile(rb"P[1-6](?:\s|#.*\n)+(\d{1,9})(?:\s|#.*\n)+(\d{1,9})")
_PAM = re.compile(rb"(?m)^(WIDTH|HEIGHT)\s+(\d{1,9})")
_HDR = re.compile(rb"(?m)^[-+]Y\s+(\d{1,9})\s+[-+]X\s+(\d{1,9})")
_START = 2**16  # bytes in which a header of text ends


def stored_size(data: bytes) -> Size | None:
    """Width and height in pixels, before the photo is turned.

    Args:
        data: the file's bytes; mostly the first ones are enough.

    Returns:
        None, where the file is no photo that OpenCV decodes, or its header
        says no size.

    Example:

    >>> stored_size(b"P6 # a comment\\n640 480 255 ")
    (640, 480)
    >>> stored_size(b"%PDF-1.7") is None
    True
    """
    for signature, size in _FORMATS:
        if data.startswith(signature):
            return size(data)
    if is_tiff(data):
        return _tiff(data)
    return _avif(data) if is_avif(data) else None


def is_photo(data: bytes) -> bool:
    """Whether a file begins as one of a format that OpenCV decodes.

    Example:

    >>> is_photo(b"GIF89a"), is_photo(b"<html>")
    (True, False)
    """
    known = data.startswith(tuple(signature for signature, _ in _FORMATS))
    return known or is_tiff(data) or is_avif(data)


def is_jpeg_2000(data: bytes) -> bool:
    """Whether a file is one, whose decoder takes most memory of all."""
    return data.startswith((_JP2, _CODESTREAM))


def _number(
    data: bytes, at: int, size: int, order: Literal["little", "big"] = "big"
) -> int:
    return int.from_bytes(data[at : at + size], order)


def _png(data: bytes) -> Size | None:
    if data[12:16] != b"IHDR" or len(data) < 24:
        return None
    return _number(data, 16, 4), _number(data, 20, 4)


def _gif(data: bytes) -> Size | None:
    if len(data) < 10:
        return None
    return _number(data, 6, 2, "little"), _number(data, 8, 2, "little")


def _bmp(data: bytes) -> Size | None:
    if len(data) < 26:
        return None
    if _number(data, 14, 4, "little") == 12:  # of OS/2
        return _number(data, 18, 2, "little"), _number(data, 20, 2, "little")
    width, height = (
        int.from_bytes(data[at : at + 4], "little", signed=True)
        for at in (18, 22)
    )
    return abs(width), abs(height)  # A height below 0 counts from the top.


def _webp(data: bytes) -> Size | None:
    kind = data[12:16]
    if data[8:12] != b"WEBP" or len(data) < 30:
        return None
    if kind == b"VP8X":
        sides = _number(data, 24, 3, "little"), _number(data, 27, 3, "little")
        return sides[0] + 1, sides[1] + 1
    if kind == b"VP8L":
        bits = _number(data, 21, 4, "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        sides = _number(data, 26, 2, "little"), _number(data, 28, 2, "little")
        return sides[0] & 0x3FFF, sides[1] & 0x3FFF
    return None


def _tiff(data: bytes) -> Size | None:
    """The photo's size, or that of its tiles, which may be larger."""
    tags = tiff_tags(data)
    if _WIDTH not in tags or _HEIGHT not in tags:
        return None
    width = max(tags[_WIDTH], tags.get(_TILE_WIDTH, 0))
    return width, max(tags[_HEIGHT], tags.get(_TILE_HEIGHT, 0))


def _pnm(data: bytes) -> Size | None:
    found = _PNM.match(data[:_START])
    return (int(found[1]), int(found[2])) if found else None


def _pam(data: bytes) -> Size | None:
    sides = dict(_PAM.findall(data[:_START]))
    if len(sides) < 2:
        return None
    return int(sides[b"WIDTH"]), int(sides[b"HEIGHT"])


def _sun(data: bytes) -> Size | None:
    return (_number(data, 4, 4), _number(data, 8, 4)) if data[11:] else None


def _hdr(data: bytes) -> Size | None:
    found = _HDR.search(data[:_START])
    return (int(found[2]), int(found[1])) if found else None


def _jpeg_2000(data: bytes) -> Size | None:
    """Of the codestream, which is what decoders make room for."""
    if data.startswith(_JP2):
        data = dict(boxes_in(data)).get(b"jp2c", b"")
    if not data.startswith(_CODESTREAM) or len(data) < 24:
        return None
    right, bottom, left, top = (_number(data, at, 4) for at in (8, 12, 16, 20))
    return max(right - left, 0), max(bottom - top, 0)


def _avif(data: bytes) -> Size | None:
    """The largest size that it names; a grid's tiles are smaller."""
    sizes = avif_sizes(data)
    return max(sizes, key=lambda size: size[0] * size[1], default=None)


_FORMATS: tuple[tuple[bytes, Callable[[bytes], Size | None]], ...] = (
    (b"\xff\xd8\xff", jpeg_size),
    (b"\x89PNG\r\n\x1a\n", _png),
    (b"GIF8", _gif),
    (b"BM", _bmp),
    (b"RIFF", _webp),
    *((b"P%d" % i, _pnm) for i in range(1, 7)),
    (b"P7", _pam),
    (b"\x59\xa6\x6a\x95", _sun),
    (b"#?RADIANCE", _hdr),
    (b"#?RGBE", _hdr),
    (_JP2, _jpeg_2000),
    (_CODESTREAM, _jpeg_2000),
)
