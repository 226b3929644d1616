"""`--timeout` and `--fps`: what they may be, and where they have an effect."""

from facemtl.arguments import checked_number
from facemtl.errors import InputError
from facemtl.video.source import Kind, video_source

# Seconds that an address may take to answer, and then for each frame.
TIMEOUT = 10.0
# Numbered images a second, as FFmpeg takes them.
IMAGES_RATE = 25.0
DAY = 86400


def check_video(
    video: str | None, timeout: float | None, rate: float | None
) -> None:
    """Refuse settings that cannot be used, or that nothing uses.

    Args:
        video: as `video_source` takes it; None for photos.
        timeout: seconds; None if it was not given.
        rate: frames a second; None if it was not given.

    Raises:
        InputError: for such a setting, or a source that is not there.
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
                "Expected --fps with numbered images after --video: all else "
                "has times of its own. Received: "
                f"{source.shown if source else 'photos'}."
            )
