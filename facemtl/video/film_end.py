"""Whether a film that gave no more frames was at its end."""

from pathlib import Path

from facemtl.video.film_file import is_avi, mp4_index, promised_bytes
from facemtl.video.mp4_tracks import shows_all


def cut_short(file: str | Path) -> str:
    """How much of a file is there, if it is not all; else empty."""
    promised, there = promised_bytes(file), Path(file).stat().st_size
    if promised <= there:
        return ""
    return f"the file is cut short, {there:,} of at least {promised:,} bytes"


def missing_frames(
    file: str | Path | None, read: int, end: float, counted: int, length: float
) -> str:
    """Why a film has fewer frames than it should.

    Args:
        file: the film's; None for one at an address.
        read: how many frames it gave.
        end: when the last one ended, seconds.
        counted: as OpenCV counts them; 0 if it cannot.
        length: as OpenCV estimates it, seconds.

    Returns:
        The reason; empty if the film is whole.
    """
    reason = cut_short(file) if file else ""
    # Of a whole film, the last one or two may not be decodable.
    few = read < counted - min(2, counted // 10)
    if reason or not few:
        return reason
    if file is None:
        return "the connection ended" if end < 0.9 * length else ""
    if is_avi(file):  # It counts frames that a camera dropped, too.
        ended_early = end < 0.9 * length
    else:
        ended_early = shows_all(mp4_index(file), counted)
    return "the rest cannot be decoded" if ended_early else ""
