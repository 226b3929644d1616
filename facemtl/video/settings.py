"""Check `--timeout` and `--fps`: their ranges and where they apply."""

from facemtl.arguments import checked_number
from facemtl.errors import InputError
from facemtl.video.source import Kind, video_source

# Seconds to wait for an address, and then for each of its frames.
TIMEOUT = 10.0
# Numbered images per second, FFmpeg's default.
IMAGES_RATE = 25.0
DAY = 86400
# Frames from one search for faces to the next: 0.4 s of most films.
EVERY = 10


def check_video(
    video: str | None, timeout: float | None, rate: float | None
) -> None:
    """Raise for settings that are invalid or have no effect.

    Args:
        video: an argument of `video_source`; None for photos.
        timeout: seconds; None if not given.
        rate: frames per second; None if not given.

    Raises:
        InputError: for such a setting, or a missing source.
    """
    source = video_source(video) if video else None
    if timeout is not None:
        checked_number(
            f"--timeout in seconds, 0.001 to {DAY}",
            *(timeout, lambda x: 0.001 <= x <= DAY),
        )
        if source is None or source.kind is not Kind.ADDRESS:
            raise InputError(
                "Expected --timeout with an address after --video. Received: "
                f"{source.shown if source else 'photos'}."
            )
    if rate is not None:
        checked_number(
            "--fps of more than 0, 240 at most", rate, lambda x: 0 < x <= 240
        )
        if source is None or source.kind is not Kind.IMAGES:
            raise InputError(
                "Expected --fps with numbered images after --video: other "
                "sources have their own times. Received: "
                f"{source.shown if source else 'photos'}."
            )
