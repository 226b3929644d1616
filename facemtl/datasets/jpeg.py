"""Whether a JPEG is there to its end."""

import re

_JPEG_START, _JPEG_END = b"\xff\xd8", 0xD9
# What ends a scan's pixels, or begins a segment that tells its length.
_JPEG_MARKER = re.compile(rb"\xff[\xc0-\xcf\xd9-\xef\xfe]")


def is_truncated_jpeg(data: bytes) -> bool:
    """Whether a JPEG's own stream has no end.

    Some versions of OpenCV fill the missing part with grey instead of
    failing. Phones write a video behind the end, and a thumbnail has an end of
    its own in a segment, so the segments are gone through.
    """
    if not data.startswith(_JPEG_START):
        return False
    at = len(_JPEG_START)
    while marker := _JPEG_MARKER.search(data, at):
        at = marker.end()
        if data[at - 1] == _JPEG_END:
            return False
        at += int.from_bytes(data[at : at + 2])
    return True
