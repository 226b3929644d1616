"""What a film's file says of its own bytes and frames."""

import struct

from facemtl.video.film_end import cut_short, missing_frames
from facemtl.video.film_file import is_avi, mp4_index, promised_bytes
from facemtl.video.mp4_tracks import shows_all
from facemtl.words import printable

from ..oracle import written

FRAMES = 3


def _box(kind: bytes, *contents: bytes) -> bytes:
    content = b"".join(contents)
    return struct.pack(">I4s", 8 + len(content), kind) + content


def _numbers(form: str, *numbers: int) -> bytes:
    return struct.pack(f">{form}", *numbers)


def _film() -> bytes:
    """An MP4's boxes, of a track of three frames, one of them hidden."""
    steps = _box(b"stts", _numbers("IIII", 0, 1, FRAMES, 10))
    inside = _box(b"minf", _box(b"stbl", steps))
    clock = _box(b"mdhd", _numbers("IIIII", 0, 0, 0, 30, 30))
    edits = _box(b"edts", _box(b"elst", _numbers("IIIiI", 0, 1, 20, 0, 1)))
    track = _box(b"trak", edits, _box(b"mdia", clock, inside))
    header = _box(b"mvhd", _numbers("IIIII", 0, 0, 0, 30, 30))
    film = _box(b"moov", header, track)
    return _box(b"ftyp", b"isom") + film + _box(b"mdat", bytes(9))


MKV = bytes.fromhex("1a45dfa3 84 42868101 18538067 88 0011223344556677")
SEEDS = (
    _film(),
    b"RIFF\x14\0\0\0AVI " + bytes(16),
    MKV,
    b"FLV\x01\x05\0\0\0\x09\0\0\0\0\x12\0\0\x04" + bytes(7 + 4 + 4),
    b"\0\0\0\x01moov\0\0\0\0\0\0\0\x18" + bytes(8),
)


def one_input(data: bytes) -> None:
    """No number is below 0, and a cut is noticed."""
    file = written(data, "film.mp4")
    promised = promised_bytes(file)
    assert promised >= 0
    assert bool(cut_short(file)) == (promised > len(data))
    index = mp4_index(file)
    assert len(index) <= len(data)
    for frames in (0, 1, FRAMES, 1000):
        assert shows_all(index, frames) in (True, False)
    assert is_avi(file) == data.startswith(b"RIFF")
    said = missing_frames(file, 1, 0.1, FRAMES, 0.3)
    assert printable(said) == said
