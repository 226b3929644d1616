"""The tags of a TIFF's first directory; EXIF is a small TIFF."""

from typing import Literal

_ORDERS: dict[bytes, Literal["little", "big"]] = {
    b"II*\0": "little",
    b"MM\0*": "big",
}
_SIZES = {1: 1, 3: 2, 4: 4}  # bytes of BYTE, SHORT and LONG


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

    first = number(4, 4)
    tags: dict[int, int] = {}
    for entry in range(first + 2, first + 2 + 12 * number(first, 2), 12):
        size = _SIZES.get(number(entry + 2, 2))
        if size is not None and entry + 12 <= len(data):
            tags.setdefault(number(entry, 2), number(entry + 8, size))
    return tags
