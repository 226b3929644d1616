"""Read the orientation and sizes of an AVIF; OpenCV ignores the orientation.

Two properties define the orientation: `irot` (quarter turns) and `imir` (a
mirror), applied in the order of the photo's list. EXIF inside an AVIF is
ignored, as in browsers. So are the orientation of an animation's frames and the
cropping property `clap`, which phones do not write.
"""

from collections.abc import Iterator

# {(mirrored left to right, then quarter turns counterclockwise): EXIF
# orientation}
ORIENTATIONS = {
    (False, 0): 1,
    (True, 0): 2,
    (False, 2): 3,
    (True, 2): 4,
    (True, 1): 5,
    (False, 3): 6,
    (True, 3): 7,
    (False, 1): 8,
}
BRANDS = (b"avif", b"avis")


def is_avif(data: bytes) -> bool:
    """Return whether a file declares an AVIF brand."""
    return data[4:8] == b"ftyp" and any(x in brands(data) for x in BRANDS)


def brands(data: bytes) -> list[bytes]:
    """Return the brands of an ISO base media file, the major brand first.

    Example:

    >>> brands(b"\\0\\0\\0\\x18ftypmif1\\0\\0\\0\\0mif1avif")
    [b'mif1', b'mif1', b'avif']
    """
    end = min(int.from_bytes(data[:4]), len(data))
    first = data[8:12]
    return [first, *(data[i : i + 4] for i in range(16, end, 4))]


def avif_orientation(data: bytes) -> int:
    """Return the EXIF orientation (1 to 8) that equals the properties.

    Args:
        data: the bytes of an AVIF.
    """
    mirrored, turns = False, 0
    for kind, value in _properties(data):
        if kind == b"irot":
            turns += value & 3
        elif kind == b"imir":  # 1: mirror left to right; 0: top to bottom
            mirrored = not mirrored
            turns = (0 if value & 1 else 2) - turns
    return ORIENTATIONS[mirrored, turns % 4]


def _properties(data: bytes) -> Iterator[tuple[bytes, int]]:
    """Yield kind and first byte of the main photo's properties, in order."""
    meta = dict(boxes_in(dict(boxes_in(data)).get(b"meta", b"")[4:]))
    main = meta.get(b"pitm", b"")
    photo = int.from_bytes(main[4:8] if main[:1] > b"\0" else main[4:6])
    parts = list(boxes_in(meta.get(b"iprp", b"")))
    kept = list(boxes_in(dict(parts).get(b"ipco", b"")))
    for kind, content in parts:
        if kind == b"ipma":
            for i in _listed(content, photo):
                if 0 < i <= len(kept) and kept[i - 1][1]:
                    yield kept[i - 1][0], kept[i - 1][1][0]


def _listed(content: bytes, photo: int) -> Iterator[int]:
    """Yield the property numbers of a photo in an `ipma` box, from 1."""
    name = 4 if content[:1] > b"\0" else 2  # bytes of a photo's number
    size = 2 if content[3:4] and content[3] & 1 else 1  # of a property number
    at = 8
    for _ in range(int.from_bytes(content[4:8])):
        count_at = at + name
        if count_at >= len(content):
            return
        end = count_at + 1 + size * content[count_at]
        if int.from_bytes(content[at:count_at]) == photo:
            for i in range(count_at + 1, end, size):
                # The highest bit marks the property as essential.
                number = int.from_bytes(content[i : i + size])
                yield number & (0x7F if size == 1 else 0x7FFF)
        at = end


def avif_sizes(data: bytes) -> list[tuple[int, int]]:
    """Return every (width, height) in an AVIF's properties, in pixels."""
    meta = dict(boxes_in(dict(boxes_in(data)).get(b"meta", b"")[4:]))
    kept = dict(boxes_in(meta.get(b"iprp", b""))).get(b"ipco", b"")
    return [
        (int.from_bytes(content[4:8]), int.from_bytes(content[8:12]))
        for kind, content in boxes_in(kept)
        if kind == b"ispe"
    ]


def boxes_in(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the kind and content of consecutive boxes."""
    at = 0
    while at + 8 <= len(data):
        size, head = int.from_bytes(data[at : at + 4]), 8
        if size == 1:
            size, head = int.from_bytes(data[at + 8 : at + 16]), 16
        if size == 0:  # the rest of the file
            size = len(data) - at
        if size < head:
            return
        yield data[at + 4 : at + 8], data[at + head : at + size]
        at += size
