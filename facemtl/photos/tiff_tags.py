"""Read the tags of a TIFF's first directory; EXIF is a small TIFF."""

from typing import Literal

_ORDERS: dict[bytes, Literal["little", "big"]] = {
    b"II*\0": "little",
    b"MM\0*": "big",
    b"II+\0": "little",  # BigTIFF, with offsets of eight bytes
    b"MM\0+": "big",
}
_SIZES = {1: 1, 3: 2, 4: 4, 16: 8}  # bytes of BYTE, SHORT, LONG and LONG8
_MOST = 4096  # entries; photos have fewer


def is_tiff(data: bytes) -> bool:
    """Return whether a file begins as a TIFF."""
    return data[:4] in _ORDERS


def tiff_tags(data: bytes) -> dict[int, int]:
    """Return the integers in the first directory of a TIFF, by their tag.

    Args:
        data: a TIFF or the content of an EXIF segment.

    Returns:
        The first integer of each tag whose values are stored in the directory.
        Empty for other files; incomplete for a truncated TIFF.

    Example:

    >>> entry = "0112 0003 00000001 0006 0000"
    >>> tiff_tags(bytes.fromhex("4d4d002a 00000008 0001" + entry))
    {274: 6}
    """
    order = _ORDERS.get(data[:4])
    if order is None:
        return {}

    def number(start: int, size: int) -> int:
        return int.from_bytes(data[start : start + size], order)

    big = data[:4] in (b"II+\0", b"MM\0+")
    # Bytes of an offset, of the number of entries, and of an entry.
    offset, head, step = (8, 8, 20) if big else (4, 2, 12)
    at = number(offset, offset)
    count = min(number(at, head), _MOST)
    tags: dict[int, int] = {}
    for entry in range(at + head, at + head + step * count, step):
        size = _SIZES.get(number(entry + 2, 2))
        value = entry + step - offset
        if size is not None and entry + step <= len(data):
            tags.setdefault(number(entry, 2), number(value, min(size, offset)))
    return tags
