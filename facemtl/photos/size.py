"""Read the width and height of a photo from its header, without decoding it.

Supports every format that OpenCV decodes, and reads sizes as its decoders do.
"""

import re
from collections.abc import Callable
from typing import Literal

from facemtl.photos.avif import avif_sizes, boxes_in, is_avif
from facemtl.photos.jpeg import jpeg_size
from facemtl.photos.tiff_tags import is_tiff, tiff_tags

Size = tuple[int, int]  # width, height
_JP2 = b"\0\0\0\x0cjP  \r\n\x87\n"
_CODESTREAM = b"\xff\x4f\xff\x51"  # JPEG 2000: start marker and SIZ marker
_WIDTH, _HEIGHT, _TILE_WIDTH, _TILE_HEIGHT = 256, 257, 322, 323  # of a TIFF
# Whitespace and comments precede the numbers of a PNM.
_PNM = re.compile(rb"P[1-6](?:\s|#.*\n)+(\d{1,9})(?:\s|#.*\n)+(\d{1,9})")
_PAM = re.compile(rb"(?m)^(WIDTH|HEIGHT)\s+(\d{1,9})")
_HDR = re.compile(rb"(?m)^[-+]Y\s+(\d{1,9})\s+[-+]X\s+(\d{1,9})")
_START = 2**16  # bytes that are searched for a text header


def stored_size(data: bytes) -> Size | None:
    """Return the width and height in pixels, before rotation.

    Args:
        data: the file's bytes; usually the first ones suffice.

    Returns:
        (width, height); None if OpenCV does not decode the format, or the
        header has no size.

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
    """Return whether a file begins as a format that OpenCV decodes.

    Example:

    >>> is_photo(b"GIF89a"), is_photo(b"<html>")
    (True, False)
    """
    known = data.startswith(tuple(signature for signature, _ in _FORMATS))
    return known or is_tiff(data) or is_avif(data)


def is_jpeg_2000(data: bytes) -> bool:
    """Return whether a file is JPEG 2000, which needs most memory to decode."""
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
    if _number(data, 14, 4, "little") == 12:  # the header of OS/2
        return _number(data, 18, 2, "little"), _number(data, 20, 2, "little")
    width, height = (
        int.from_bytes(data[at : at + 4], "little", signed=True)
        for at in (18, 22)
    )
    return abs(width), abs(height)  # A negative height means top-down rows.


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
    """Return the photo's size, or its tiles' size if larger."""
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
    """Return the size in the codestream, for which decoders allocate memory."""
    if data.startswith(_JP2):
        data = dict(boxes_in(data)).get(b"jp2c", b"")
    if not data.startswith(_CODESTREAM) or len(data) < 24:
        return None
    right, bottom, left, top = (_number(data, at, 4) for at in (8, 12, 16, 20))
    return max(right - left, 0), max(bottom - top, 0)


def _avif(data: bytes) -> Size | None:
    """Return the largest size in the file; a grid's tiles are smaller."""
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
