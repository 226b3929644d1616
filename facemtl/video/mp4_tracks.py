"""Read an MP4's or MOV's tracks: their frames, and whether all are shown."""

import struct
from collections.abc import Iterator

from facemtl.video.film_file import box_at


def shows_all(index: bytes, frames: int) -> bool:
    """Return whether a track has this many frames and hides none.

    Frames that an editor cut stay in the file: an edit list defines the visible
    part, while the number of frames includes the hidden ones.

    Args:
        index: the content of the file's `moov` box.
        frames: OpenCV's number of frames.
    """
    (scale,) = _times(_find(index, b"mvhd"))[:1] or (1,)
    for kind, track in _boxes(index):
        if kind != b"trak":
            continue
        table = _find(track, b"mdia", b"minf", b"stbl", b"stts")
        clock = _times(_find(track, b"mdia", b"mdhd"))
        counted = sum(n for n, _ in _steps(table))
        if counted != frames or not clock or not clock[0]:
            continue
        length = sum(n * step for n, step in _steps(table)) / clock[0]
        shown = _shown(_find(track, b"edts", b"elst")) / max(scale, 1)
        return not 0 < shown < length * (1 - 1.5 / max(frames, 1))
    return False


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at + 8 <= len(data):
        box = box_at(data[at : at + 16], at, len(data))
        if box is None:
            return
        kind, begin, at = box
        yield kind, data[begin:at]


def _find(data: bytes, *path: bytes) -> bytes:
    """Return the content of a nested box; empty if it is missing."""
    for name in path:
        data = next((d for kind, d in _boxes(data) if kind == name), b"")
    return data


def _times(header: bytes) -> tuple[int, ...]:
    """Return (ticks per second,) of `mvhd` or `mdhd`; () if missing."""
    at = 20 if header[:1] == b"\1" else 12
    return struct.unpack(">I", header[at : at + 4]) if header[at + 3 :] else ()


def _steps(stts: bytes) -> Iterator[tuple[int, int]]:
    """Yield (number of frames, ticks of each) of `stts`."""
    rows = len(stts[8:]) // 8
    return struct.iter_unpack(">II", stts[8 : 8 + 8 * rows])


def _shown(elst: bytes) -> int:
    """Return the ticks that an edit list shows; 0 without a list."""
    row = ">QqI" if elst[:1] == b"\1" else ">IiI"
    size = struct.calcsize(row)
    rows = len(elst[8:]) // size
    listed = struct.iter_unpack(row, elst[8 : 8 + size * rows])
    # A start of -1 is a pause before the video.
    return sum(length for length, start, _ in listed if start >= 0)
