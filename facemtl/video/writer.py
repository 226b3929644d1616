"""Write videos frame by frame, synchronous with their source."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np

from facemtl.errors import InputError
from facemtl.files.places import put_in_place, true_place
from facemtl.files.writing import LONGEST, short_name
from facemtl.video.opencv_path import opencv_path
from facemtl.words import plural

Writer = Callable[[np.ndarray, float], None]
# MPEG-4's largest even width and height.
MOST = 8190


@contextmanager
def video_writer(file: Path, rate: float) -> Iterator[Writer]:
    """Write an MP4 frame by frame; it gets its name when it is complete.

    OpenCV writes MP4 at a constant rate. A frame is repeated until the time of
    the next one, and dropped if the next one is too close.

    Args:
        file: a path with extension `.mp4`.
        rate: frames per second.

    Yields:
        A function of a frame (H, W, 3), uint8, RGB, and its time in seconds.
        Frames of another size than the first one are scaled to fit.

    Raises:
        InputError: if the file cannot be written.
    """
    place = true_place(file)
    ending = f".part{file.suffix}"
    short = short_name(place.stem, LONGEST - len(ending))
    part = place.with_name(f"{short}{ending}")
    film = _Film(part, rate)
    try:
        yield film.write
    finally:
        # After Ctrl-C too: the frames so far are a complete video.
        if film.close():
            _put_in_place(part, place, film.written)


def _put_in_place(part: Path, file: Path, frames: int) -> None:
    """Rename a complete video; count its frames, as OpenCV hides errors."""
    with opencv_path(part) as path:
        kept = cv2.VideoCapture(path).get(cv2.CAP_PROP_FRAME_COUNT)
    if kept != frames:
        part.unlink()
        raise InputError(
            f"Expected to write {frames} {plural(frames, 'frame')} into "
            f"{file}. Received: {max(int(kept), 0)} there; is the disk full?"
        )
    put_in_place(part, file)


class _Film:
    def __init__(self, file: Path, rate: float) -> None:
        self.file, self.rate = file, rate
        self._writer: cv2.VideoWriter | None = None
        self._size = (0, 0)
        self._start, self.written = 0.0, 0
        self._last = np.empty(0)

    def write(self, frame: np.ndarray, at: float) -> None:
        """Add a frame at its time."""
        writer = self._writer or self._open(frame, at)
        due = round((at - self._start) * self.rate)
        while self.written and self.written < due:
            self._add(writer, self._last)
        self._last = cv2.cvtColor(_fitted(frame, self._size), cv2.COLOR_RGB2BGR)
        if self.written <= due:
            self._add(writer, self._last)

    def close(self) -> bool:
        """Finish the video; return whether it has any frame."""
        if self._writer is None:
            return False
        self._writer.release()
        return True

    def _add(self, writer: cv2.VideoWriter, frame: np.ndarray) -> None:
        writer.write(frame)
        self.written += 1

    def _open(self, frame: np.ndarray, at: float) -> cv2.VideoWriter:
        code = cv2.VideoWriter.fourcc(*"mp4v")
        self._size, self._start = _film_size(frame), at
        with opencv_path(self.file) as path:
            writer = cv2.VideoWriter(path, code, self.rate, self._size)
        if not writer.isOpened():
            raise InputError(f"Expected to write {self.file}: OpenCV cannot.")
        self._writer = writer
        return writer


def _film_size(frame: np.ndarray) -> tuple[int, int]:
    """Return an even size, because MPEG-4 halves colors, within its limit."""
    height, width = frame.shape[:2]
    scale = min(1.0, MOST / max(height, width))
    width, height = (max(2, round(x * scale) // 2 * 2) for x in (width, height))
    return width, height


def _fitted(frame: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Scale a frame of another size into the middle of a black one."""
    height, width = frame.shape[:2]
    if (width - width % 2, height - height % 2) == size:
        return frame[: size[1], : size[0]]
    scale = min(size[0] / width, size[1] / height)
    inner = tuple(max(1, int(x * scale)) for x in (width, height))
    fitted = np.zeros((size[1], size[0], 3), np.uint8)
    left, top = ((a - b) // 2 for a, b in zip(size, inner, strict=True))
    fitted[top : top + inner[1], left : left + inner[0]] = cv2.resize(
        frame, inner, interpolation=cv2.INTER_AREA
    )
    return fitted
