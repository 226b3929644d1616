"""One photo -> one row of the output, also for an invalid photo.

No Ray and no pyarrow here.
"""

import errno
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from facemtl.errors import InputError
from facemtl.files.reading import read_limited
from facemtl.inference.face import Face
from facemtl.inference.predictor import Predictor
from facemtl.photos.formats import misread, unread
from facemtl.photos.limits import check_pixels, most_bytes
from facemtl.photos.photo import as_rgb
from facemtl.photos.size import stored_size
from facemtl.process.native_words import without_native_words
from facemtl.words import valid_text

Row = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """What the input says of one photo.

    Attributes:
        data: the photo's bytes, or None: they are in `file`.
        file: its name, relative to the input's folder, or None.
        boxes: [left, top, right, bottom] of each face, in pixels; None: faces
            are looked for.
    """

    data: bytes | None = None
    file: str | None = None
    boxes: Sequence[Any] | None = None


def answer(
    asked: Asked, predictor: Predictor, root: Path, megapixels: float
) -> Row:
    """The faces of one photo, or why there are none.

    Args:
        asked: the photo.
        predictor: finds its faces.
        root: the folder that `asked.file` is relative to.
        megapixels: the most a photo may have.

    Returns:
        `file`, `width`, `height` (pixels, turned as EXIF says; None if the
        photo could not be read), `faces` (see `face_row`), `error` (None
        if all is well).
    """
    row = blank(asked.file)
    try:
        data = bytes_of(asked, root, megapixels)
        check_size(data, megapixels)
        # The decoders' own words of a broken photo come as an error, too.
        photo = without_native_words(as_rgb, data)
        row["height"], row["width"] = photo.shape[:2]
        faces = predictor(photo, boxes_of(asked))
        row["faces"] = [face_row(face) for face in faces]
    except InputError as error:
        row["error"] = " ".join(str(error).split())
    except (cv2.error, MemoryError) as error:
        row["error"] = f"{type(error).__name__}: {' '.join(str(error).split())}"
    return row


def bytes_of(asked: Asked, root: Path, megapixels: float) -> bytes:
    """The photo as it is stored; `InputError` if there is none."""
    if asked.data is not None:
        return asked.data
    if not asked.file:
        raise InputError("Expected bytes or a file. Received: neither.")
    return read_bytes(root / asked.file, megapixels)


def boxes_of(asked: Asked) -> np.ndarray | None:
    """The boxes as numbers; the Predictor checks them.

    Raises:
        InputError: for rows of other lengths, and for what are no numbers.
    """
    if asked.boxes is None:
        return None
    try:
        return np.asarray(asked.boxes, np.float64)
    except (TypeError, ValueError):
        raise InputError(
            "Expected boxes [left, top, right, bottom]. "
            f"Received: {asked.boxes}."
        ) from None


def blank(file: str | None, error: str | None = None) -> Row:
    """A row without faces."""
    name = None if file is None else valid_text(file)
    row = {"file": name, "width": None, "height": None}
    return {**row, "faces": [], "error": error}


def face_row(face: Face) -> Row:
    """A face as nested columns: a struct a point and an attribute."""
    return {
        "box": list(face.box),
        "score": face.score,
        "points": {k: {"x": x, "y": y} for k, (x, y) in face.points.items()},
        "attributes": {
            task: {"class": said.name, "probability": said.probability}
            for task, said in face.attributes.items()
        },
        "values": dict(face.values),
    }


def read_bytes(path: Path, megapixels: float) -> bytes:
    """The photo as it is stored.

    Args:
        path: its file.
        megapixels: the most a photo may have.

    Raises:
        InputError: if there is none, or one too large to be read at all.
    """
    most = most_bytes(megapixels)
    try:
        return read_limited(path, most)
    except (OSError, ValueError) as error:  # ValueError: a zero in its name
        number = getattr(error, "errno", None)
        # A pipe would be waited for.
        if number in (errno.EINVAL, errno.EISDIR):
            raise InputError(
                "Expected a photo. Received: no regular file."
            ) from None
        if number == errno.EFBIG:
            raise InputError(
                f"Expected a photo of at most {most:,} bytes. "
                f"Received: {path.stat().st_size:,}."
            ) from None
        reason = getattr(error, "strerror", None) or str(error)
        name = valid_text(str(path))
        raise InputError(
            f"Expected a photo. Received: {name}: {reason}."
        ) from None


def check_size(data: bytes, megapixels: float) -> None:
    """Refuse a photo that is none or too large, before it is decoded.

    Raises:
        InputError: with what its header says.

    Example:

    >>> check_size(b"P6 40000 30000 255 ", 100)
    Traceback (most recent call last):
        ...
    facemtl.errors.InputError: Expected at most 100 megapixels. Received: ...
    """
    if stored_size(data) is None:
        kind = misread(data) or unread(data)
        none = f"{len(data):,} bytes that are none, or its first part"
        raise InputError(f"Expected a photo. Received: {kind or none}.")
    check_pixels(data, megapixels)
