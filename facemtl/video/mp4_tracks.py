"""Tracks of an MP4 or MOV: how many frames they have, and whether all show."""

import struct
from collections.abc import Iterator

from facemtl.video.film_file import box_at


def shows_all(index: bytes, frames: int) -> bool:
    """Whether there is a track of so many frames, none hidden.

    What an editor cuts away stays in the file: an edit list says which part is
    shown, and the count of frames is that of all.

    Args:
        index: the content of the file's `moov`.
        frames: as OpenCV counts them.
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
    """The content of a box within boxes; empty if it is not there."""
    for name in path:
        data = next((d for kind, d in _boxes(data) if kind == name), b"")
    return data


def _times(header: bytes) -> tuple[int, ...]:
    """Ticks a second, of `mvhd` or `mdhd`; empty if there are none."""
    at = 20 if header[:1] == b"\1" else 12
    return struct.unpack(">I", header[at : at + 4]) if header[at + 3 :] else ()


def _steps(stts: bytes) -> Iterator[tuple[int, int]]:
    """(frames, ticks of each) of `stts`."""
    rows = len(stts[8:]) // 8
    return struct.iter_unpack(">II", stts[8 : 8 + 8 * rows])


def _shown(elst: bytes) -> int:
    """Ticks of the film that an edit list shows; 0 without one."""
    row = ">QqI" if elst[:1] == b"\1" else ">IiI"
    size = struct.calcsize(row)
    rows = len(elst[8:]) // size
    listed = struct.iter_unpack(row, elst[8 : 8 + size * rows])
    # A start of -1 is a pause before the film.
    return sum(length for length, start, _ in listed if start >= 0)
