"""Convert one photo to one row of the output, even if it is invalid.

No Ray and no pyarrow here.
"""

import errno
from collections.abc import Sequence
from dataclasses import asdict, dataclass
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
    """One photo of the input.

    Attributes:
        data: bytes of the photo, or None if they are in `file`.
        file: name relative to the input's folder, or None.
        boxes: [left, top, right, bottom] of each face, in pixels; None to
            detect faces.
    """

    data: bytes | None = None
    file: str | None = None
    boxes: Sequence[Any] | None = None


def answer(
    asked: Asked, predictor: Predictor, root: Path, megapixels: float
) -> Row:
    """Return the faces of one photo, or an error.

    Args:
        asked: the photo.
        predictor: predicts the faces.
        root: the folder that `asked.file` is relative to.
        megapixels: maximum size of a photo.

    Returns:
        `file`, `width`, `height` (pixels after EXIF rotation; None if the
        photo is unreadable), `faces` (see `face_row`), `error` (None without
        an error).
    """
    row = blank(asked.file)
    try:
        data = bytes_of(asked, root, megapixels)
        check_size(data, megapixels)
        # Decoders' warnings about a damaged photo are raised as errors too.
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
    """Return the bytes of a photo; raise `InputError` if it is missing."""
    if asked.data is not None:
        return asked.data
    if not asked.file:
        raise InputError("Expected bytes or a file. Received: neither.")
    return read_bytes(root / asked.file, megapixels)


def boxes_of(asked: Asked) -> np.ndarray | None:
    """Return the boxes as numbers; the Predictor checks them.

    Raises:
        InputError: if rows differ in length or are not numeric.
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
    """Return a row without faces."""
    name = None if file is None else valid_text(file)
    row = {"file": name, "width": None, "height": None}
    return {**row, "faces": [], "error": error}


def face_row(face: Face) -> Row:
    """Return a face as nested columns: a struct per point and attribute.

    Names are those of `Face.to_dict`; numbers are not rounded. What is unknown
    is None: deviations and confidence that the network does not predict, and
    the pose of a face without one.
    """
    return {
        "box": list(face.box),
        "score": face.score,
        "confidence": face.confidence,
        "head_pose": face.pose and asdict(face.pose),
        "points": {k: {"x": x, "y": y} for k, (x, y) in face.points.items()},
        "points_sigma": {k: face.points_sigma.get(k) for k in face.points},
        "attributes": {
            task: {
                "class": said.name,
                "probability": said.probability,
                "probabilities": dict(said.probabilities),
            }
            for task, said in face.attributes.items()
        },
        "values": dict(face.values),
    }


def read_bytes(path: Path, megapixels: float) -> bytes:
    """Read the bytes of a photo.

    Args:
        path: path of the photo.
        megapixels: maximum size of a photo.

    Raises:
        InputError: if the file is missing or too large to read.
    """
    most = most_bytes(megapixels)
    try:
        return read_limited(path, most)
    except (OSError, ValueError) as error:  # ValueError: a zero in the name
        number = getattr(error, "errno", None)
        # Reading a pipe would block.
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
    """Refuse an invalid or too large photo before it is decoded.

    Raises:
        InputError: with the size from the photo's header.

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
