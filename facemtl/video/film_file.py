"""Read the size and frames that a video's file declares.

OpenCV reports a number of frames, but not whether it is exact. MP4 and AVI
store it; for other formats it is an estimate that may be wrong by any factor.
So truncation is detected by the number of bytes.
"""

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

# Top-level boxes of an MP4 or MOV; other data is not a box.
TOP = (
    b"ftyp moov mdat moof free skip wide uuid sidx mfra meta udta pnot styp "
    b"emsg"
).split()
RIFF, FLV = b"RIFF", b"FLV"
EBML, SEGMENT = b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67"
MOST_INDEX = 2**27  # bytes; the frames of a day take 20 MB per track
Box = tuple[bytes, int, int]  # kind, start and end of its content


def promised_bytes(file: str | Path) -> int:
    """Return the size in bytes that a video's outermost parts declare.

    Args:
        file: an MP4, MOV, AVI, MKV, WebM or FLV.

    Returns:
        The declared size, larger than the file's size if the file is
        truncated; 0 if the file declares none.
    """
    with Path(file).open("rb") as film:
        size = os.fstat(film.fileno()).st_size
        start = film.read(8)
        if start[:4] == RIFF:
            return _riff_end(film, size)
        if start[:4] == EBML:
            return _segment_end(film)
        if start[:3] == FLV:
            return _last_tag_end(film, size)
        return max((end for _, _, end in top_boxes(film, size)), default=0)


def is_avi(file: str | Path) -> bool:
    """Return whether a file is an AVI."""
    with Path(file).open("rb") as film:
        return film.read(4) == RIFF


def mp4_index(file: str | Path) -> bytes:
    """Return the content of the `moov` box of an MP4 or MOV.

    Empty for other files, and for a box too large for a video, which could be
    made to fill the memory.
    """
    with Path(file).open("rb") as film:
        size = os.fstat(film.fileno()).st_size
        for kind, begin, end in top_boxes(film, size):
            if kind == b"moov":
                film.seek(begin)
                length = min(end, size) - begin
                return film.read(length) if length <= MOST_INDEX else b""
    return b""


def _riff_end(film: BinaryIO, size: int) -> int:
    """Return the end of the last RIFF chunk; a large AVI has several."""
    start = end = 0
    while start + 8 <= size:
        film.seek(start)
        kind, length = struct.unpack("<4sI", film.read(8))
        if kind != RIFF:
            break
        if length in (0, 0xFFFFFFFF):  # The writer could not seek back.
            return 0
        end = start + 8 + length
        start = end + length % 2
    return end


def _segment_end(film: BinaryIO) -> int:
    """Return the end of a Matroska file's only segment."""
    film.seek(4)
    header = _length(film)
    if header is None:
        return 0
    film.seek(header, os.SEEK_CUR)
    if film.read(4) != SEGMENT:
        return 0
    length = _length(film)
    return 0 if length is None else film.tell() + length


def _length(film: BinaryIO) -> int | None:
    """Return an EBML length; None if unknown, as in live recordings."""
    first = film.read(1)
    if not first or not first[0]:
        return None
    more = 8 - first[0].bit_length()
    data = bytes([first[0] & (0x7F >> more)]) + film.read(more)
    length = int.from_bytes(data, "big")
    return None if length == (1 << 7 * (more + 1)) - 1 else length


def _last_tag_end(film: BinaryIO, size: int) -> int:
    """Return the end of an FLV's last tag."""
    film.seek(5)
    (end,) = struct.unpack(">I", film.read(4).rjust(4, b"\0"))
    end += 4
    while end < size:
        film.seek(end)
        # A tag's header, its data and its repeated length.
        end += 11 + int.from_bytes(film.read(4)[1:]) + 4
    return end


def top_boxes(film: BinaryIO, size: int) -> Iterator[Box]:
    """Yield the outermost boxes of an MP4 or MOV."""
    at = 0
    while at + 8 <= size:
        film.seek(at)
        box = box_at(film.read(16), at, size)
        if box is None or box[0] not in TOP:
            return
        yield box
        at = box[2]


def box_at(header: bytes, at: int, end: int) -> Box | None:
    """Parse a box's header; return None if its length is invalid.

    Args:
        header: the box's first 16 bytes, or at least 8.
        at: the start of the box.
        end: the end of the surrounding box or file.
    """
    length, kind = struct.unpack(">I4s", header[:8])
    begin = at + 8
    if length == 1 and len(header) == 16:
        (length,) = struct.unpack(">Q", header[8:])
        begin = at + 16
    elif length == 0:  # It extends to the end.
        length = end - at
    return (kind, begin, at + length) if length >= begin - at else None
