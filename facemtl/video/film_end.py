"""Detect whether a video ended before its end."""

from pathlib import Path

from facemtl.video.film_file import is_avi, mp4_index, promised_bytes
from facemtl.video.mp4_tracks import shows_all


def cut_short(file: str | Path) -> str:
    """Return a message if a video's file is truncated, else ""."""
    promised, there = promised_bytes(file), Path(file).stat().st_size
    if promised <= there:
        return ""
    return f"the file is cut short, {there:,} of at least {promised:,} bytes"


def missing_frames(
    file: str | Path | None, read: int, end: float, counted: int, length: float
) -> str:
    """Return why a video has fewer frames than expected.

    Args:
        file: the video's file; None for an address.
        read: the number of frames read.
        end: the end of the last frame in seconds.
        counted: OpenCV's count of frames; 0 if unknown.
        length: OpenCV's estimate of the length in seconds.

    Returns:
        The reason; "" if the video is complete.
    """
    reason = cut_short(file) if file else ""
    # The last one or two frames of a complete video may not decode.
    few = read < counted - min(2, counted // 10)
    if reason or not few:
        return reason
    if file is None:
        return "the connection ended" if end < 0.9 * length else ""
    if is_avi(file):  # Its count includes frames that the camera dropped.
        ended_early = end < 0.9 * length
    else:
        ended_early = shows_all(mp4_index(file), counted)
    return "the rest cannot be decoded" if ended_early else ""
