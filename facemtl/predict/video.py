"""Videos and cameras: frames in, faces and drawn frames out."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np

from facemtl.errors import InputError

# What a camera that does not say is taken to give.
USUAL_RATE = 30.0
Writer = Callable[[np.ndarray], None]


class Video:
    """The frames of a file or camera.

    Args:
        source: a video's file, or a camera's number such as "0".

    Raises:
        InputError: if it cannot be opened.

    Attributes:
        frames: how many there are; 0 where that is unknown, as of a camera.
        rate: frames a second.
    """

    def __init__(self, source: str) -> None:
        camera = source.isdigit()
        if not camera and not Path(source).is_file():
            raise InputError(
                "Expected a video's file or a camera's number. "
                f"Received: {source}"
            )
        self.source = source
        self._capture = cv2.VideoCapture(int(source) if camera else source)
        if not self._capture.isOpened():
            raise InputError(
                f"Expected a {'camera' if camera else 'video'} that OpenCV can "
                f"open. Received: {source}"
            )
        count = self._capture.get(cv2.CAP_PROP_FRAME_COUNT)
        self.frames = 0 if camera else max(0, int(count))
        self.rate = self._capture.get(cv2.CAP_PROP_FPS) or USUAL_RATE

    def __iter__(self) -> Iterator[np.ndarray]:
        """Frames (H, W, 3), uint8, RGB, until the end or Ctrl-C."""
        try:
            while True:
                there, frame = self._capture.read()
                if not there:
                    return
                yield cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)
        finally:
            self._capture.release()


@contextmanager
def video_writer(file: Path, rate: float) -> Iterator[Writer]:
    """Write an MP4 frame by frame; it has its name only once it is whole.

    Args:
        file: ends in `.mp4`.
        rate: frames a second.
    """
    part = file.with_name(f".part-{file.name}")
    opened: list[cv2.VideoWriter] = []

    def write(frame: np.ndarray) -> None:
        if not opened:
            code = cv2.VideoWriter.fourcc(*"mp4v")
            size = (frame.shape[1], frame.shape[0])
            opened.append(cv2.VideoWriter(str(part), code, rate, size))
            if not opened[0].isOpened():
                raise InputError(f"Expected to write {file}: OpenCV cannot.")
        opened[0].write(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))

    try:
        yield write
    finally:
        # Also after Ctrl-C: the frames so far are a whole video.
        for writer in opened:
            writer.release()
            part.replace(file)
