"""Rotate photos for display where OpenCV does not.

| format | orientation from | rotated by |
|---|---|---|
| JPEG, with MPO | EXIF | OpenCV |
| TIFF | its tag | OpenCV |
| PNG, WebP, also animated | EXIF | this module |
| AVIF | `irot` and `imir`, not EXIF | this module |
| JPEG 2000, BMP, GIF, PNM | none | |

An orientation in XMP alone is ignored, as in browsers.
"""

from collections.abc import Iterator

import numpy as np

from facemtl.photos.avif import ORIENTATIONS, avif_orientation, is_avif
from facemtl.photos.tiff_tags import tiff_tags

TAG = 0x0112
_PNG = b"\x89PNG\r\n\x1a\n"
_HAS_EXIF = 8  # in the flags of a WebP
_PLACES = {turn: place for place, turn in ORIENTATIONS.items()}


def orientation(data: bytes) -> int | None:
    """Return the EXIF orientation of a photo that OpenCV must not rotate.

    Args:
        data: the file's bytes.

    Returns:
        1 (upright) to 8 for a PNG, a WebP and an AVIF; None for other formats,
        which OpenCV rotates.

    Example:

    >>> orientation(b"\\x89PNG\\r\\n\\x1a\\n"), orientation(b"GIF89a")
    (1, None)
    """
    if data.startswith(_PNG):
        chunks = dict(_png_chunks(data))
        return exif_orientation(chunks.get(b"eXIf", b""))
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        chunks = dict(_webp_chunks(data))
        flags = chunks.get(b"VP8X", b"\0")[:1]
        has_exif = bool(flags) and bool(flags[0] & _HAS_EXIF)
        return exif_orientation(chunks.get(b"EXIF", b"") if has_exif else b"")
    return avif_orientation(data) if is_avif(data) else None


def exif_orientation(exif: bytes) -> int:
    """Return the orientation in EXIF data, 1 to 8; 1 if it has none."""
    turn = tiff_tags(exif.removeprefix(b"Exif\0\0")).get(TAG, 1)
    return turn if turn in _PLACES else 1


def turned(photo: np.ndarray, turn: int) -> np.ndarray:
    """Rotate and mirror a photo (H, W, ...) for display.

    Args:
        photo: the pixels as stored.
        turn: the EXIF orientation, 1 to 8.

    Example:

    >>> turned(np.array([[1, 2, 3], [4, 5, 6]]), 6)
    array([[4, 1],
           [5, 2],
           [6, 3]])
    """
    mirrored, quarters = _PLACES[turn]
    photo = photo[:, ::-1] if mirrored else photo
    return np.ascontiguousarray(np.rot90(photo, quarters))


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_PNG)
    while at + 8 <= len(data):
        end = at + 8 + int.from_bytes(data[at : at + 4])
        yield data[at + 4 : at + 8], data[at + 8 : end]
        at = end + 4  # the checksum


def _webp_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 12
    while at + 8 <= len(data):
        end = at + 8 + int.from_bytes(data[at + 4 : at + 8], "little")
        yield data[at : at + 4], data[at + 8 : end]
        at = end + end % 2
