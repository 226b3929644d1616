"""Parse `--video`: a file, a camera, an address or numbered images."""

import os
import re
import stat
from dataclasses import dataclass
from enum import Enum
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from facemtl.errors import InputError

# A printf placeholder for the number in a file's name.
NUMBER = re.compile(r"%(?:0(\d))?d")
EXPECTED = (
    "Expected a video's file, a camera's number, an address such as "
    "rtsp://host/stream, or numbered images such as img_%04d.png."
)
PHOTOS = (".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".heic", ".avif")


class Kind(Enum):
    """The kind of a source; determines how it is opened and timed."""

    FILM = "film"
    PIPE = "pipe"
    CAMERA = "camera"
    DEVICE = "device"
    ADDRESS = "address"
    IMAGES = "images"


@dataclass(frozen=True)
class VideoSource:
    """A source of frames.

    Attributes:
        kind: the kind of source.
        place: what OpenCV opens: a path, an address or a camera's number.
        shown: the name for messages; an address without user, password and
            query.
        name: the name of an annotated video, without extension.
    """

    kind: Kind
    place: str
    shown: str
    name: str


def video_source(given: str) -> VideoSource:
    """Parse a source; an existing file takes precedence over a pattern.

    Args:
        given: a video's file, a camera's number such as "0", a device such as
            "/dev/video0", an address such as "rtsp://host/stream", or numbered
            images such as "img_%04d.png".

    Raises:
        InputError: if the file is missing, a folder or a photo.

    Example:

    >>> source = video_source("rtsp://user:secret@camera.lan/garden?key=1")
    >>> source.shown, source.name
    ('rtsp://camera.lan/garden', 'garden')
    """
    if re.fullmatch("[0-9]{1,3}", given):
        return _camera(int(given))
    if "://" in given:
        return _address(given)
    # Not Path.expanduser, which raises without a home folder.
    path = Path(os.path.expanduser(given))  # noqa: PTH111
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        return _images(path, given, getattr(error, "strerror", str(error)))
    return _file(path, given, mode)


def _camera(number: int) -> VideoSource:
    device = Path(f"/dev/video{number}")
    if device.exists():
        _check_readable(device, str(number))
    name = f"camera_{number}"
    return VideoSource(Kind.CAMERA, str(number), f"camera {number}", name)


def _address(given: str) -> VideoSource:
    if not given.isprintable():  # OpenCV crashes on a lone surrogate.
        raise InputError(
            "Expected an address with special characters as % and two digits."
        )
    scheme, _, rest = given.partition("://")
    # A password may contain any character, so remove all up to the last @.
    rest = re.split(r"[?#]", rest.rpartition("@")[2])[0]
    parts = PurePosixPath(unquote(rest)).parts
    name = Path(parts[-1]).stem if parts[1:] else "".join(parts[:1])
    name = re.sub(r"[^\w-]+", "_", name).strip("_") or "video"
    return VideoSource(Kind.ADDRESS, given, f"{scheme}://{rest}", name)


def _images(path: Path, given: str, reason: str) -> VideoSource:
    name = path.name
    numbers = NUMBER.findall(name.replace("%%", ""))
    if len(numbers) != 1 or not path.parent.is_dir():
        raise InputError(f"{EXPECTED} Received: {given} ({reason}).")
    stem = NUMBER.sub("", Path(name).stem).replace("%%", "%").strip("_-. ")
    stem = stem or path.absolute().parent.name or "images"
    return VideoSource(Kind.IMAGES, str(path), given, stem)


def _file(file: Path, given: str, mode: int) -> VideoSource:
    if stat.S_ISDIR(mode):
        raise InputError(
            f"{EXPECTED} Received the folder {given}: name its images, such "
            f"as {file / 'img_%04d.png'}."
        )
    if file.suffix.lower() in PHOTOS:
        raise InputError(
            f"{EXPECTED} Received the photo {given}: give it without --video."
        )
    _check_readable(file, given)
    kind = Kind.FILM if stat.S_ISREG(mode) else Kind.PIPE
    if stat.S_ISCHR(mode):
        kind = Kind.DEVICE
    # FFmpeg takes the part of a bare name before a colon for a protocol.
    return VideoSource(kind, str(file.absolute()), given, file.stem)


def _check_readable(path: Path, given: str) -> None:
    if not os.access(path, os.R_OK):
        raise InputError(
            f"{EXPECTED} Received {given}, which you have no permission to "
            "read."
        )
