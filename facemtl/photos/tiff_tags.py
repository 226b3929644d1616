"""The tags of a TIFF's first directory; EXIF is a small TIFF."""

from typing import Literal

_ORDERS: dict[bytes, Literal["little", "big"]] = {
    b"II*\0": "little",
    b"MM\0*": "big",
    b"II+\0": "little",  # BigTIFF, whose offsets have eight bytes
    b"MM\0+": "big",
}
_SIZES = {1: 1, 3: 2, 4: 4, 16: 8}  # bytes of BYTE, SHORT, LONG and LONG8
_MOST = 4096  # entries: more are none of a photo's


def is_tiff(data: bytes) -> bool:
    """Whether a file begins as one."""
    return data[:4] in _ORDERS


def tiff_tags(data: bytes) -> dict[int, int]:
    """Whole numbers by their tag, of several the first.

    Args:
        data: a TIFF or the content of an EXIF segment.

    Returns:
        The tags of the first directory whose values stand in it; empty for
        what is no TIFF, and without what is missing from a truncated one.

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
    # Bytes of an offset, of the count of entries, and of an entry.
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
