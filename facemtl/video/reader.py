"""Read frames and their times from video files, cameras and addresses."""

import time
from collections.abc import Generator

import cv2
import numpy as np

from facemtl.errors import InputError
from facemtl.video.film_end import cut_short, missing_frames
from facemtl.video.frame import Frame, IncompleteVideo
from facemtl.video.frame_times import FrameTimes
from facemtl.video.numbered_images import NumberedImages
from facemtl.video.opencv_path import opencv_path
from facemtl.video.settings import IMAGES_RATE, TIMEOUT
from facemtl.video.source import Kind, VideoSource
from facemtl.words import plural

# Frames per second of a camera that reports no rate.
USUAL_RATE = 30.0
FASTEST = 240.0
MJPEG = cv2.VideoWriter.fourcc(*"MJPG")
NAMES = {Kind.CAMERA: "camera", Kind.DEVICE: "camera"}


class Video:
    """The frames of a video file, a camera or an address.

    Args:
        source: a result of `video_source`, except numbered images.
        timeout: seconds to wait for an address.

    Raises:
        InputError: if it cannot be opened.

    Attributes:
        frames: the number of frames; 0 if unknown, as for a camera. Exact for
            MP4, MOV and AVI, else an estimate.
        rate: average frames per second.
        live: whether frames arrive as they are taken.

    Example:

        for frame in Video(video_source("film.mp4")):
            print(frame.time, predictor(frame.pixels))
    """

    def __init__(self, source: VideoSource, timeout: float = TIMEOUT) -> None:
        self.source, self.timeout = source, timeout
        started = time.monotonic()
        self._capture = _open(source, timeout)
        if not self._capture.isOpened():
            raise InputError(self._refused(time.monotonic() - started))
        camera = source.kind in NAMES
        count = self._capture.get(cv2.CAP_PROP_FRAME_COUNT)
        self.frames = int(count) if 0 < count < 1e9 and not camera else 0
        address = source.kind is Kind.ADDRESS
        self.live = camera or (address and not self.frames)
        self._waited = 0.0
        self._reported = self._capture.get(cv2.CAP_PROP_FPS)
        sane = 0 < self._reported <= FASTEST
        self.rate = self._reported if sane else USUAL_RATE

    def __iter__(self) -> Generator[Frame, None, None]:
        """Yield the frames; possible once.

        Raises:
            IncompleteVideo: at the end, if frames of a video are missing, a
                camera stops, or an address no longer responds.
        """
        times = FrameTimes(1 / self.rate, self.live)
        index, last, pause = 0, 0.0, 1 / self.rate
        try:
            while (frame := self._read()) is not None:
                at = times(self._stamp())
                last, pause = at, max(pause, at - last)
                pixels = cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)
                yield Frame(index, at, pixels)
                index += 1
        finally:
            self._capture.release()
        # The last frame may last as long as the longest one.
        self._check_end(index, last + pause)

    def _read(self) -> np.ndarray | None:
        asked = time.monotonic()
        there, frame = self._capture.read()
        self._waited = max(self._waited, time.monotonic() - asked)
        return frame if there else None

    def _stamp(self) -> float:
        """Return OpenCV's time of the frame in seconds; 0 if made up."""
        kind = self._capture.get(cv2.CAP_PROP_FOURCC)
        # For photos of a web camera, FFmpeg assumes 25 frames per second.
        http = self.source.place.lower().startswith("http")
        if self.live and http and int(kind) == MJPEG:
            return 0.0
        return self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000

    def _check_end(self, read: int, end: float) -> None:
        reason = self._why_no_more(read, end)
        if not read:
            reason = reason or "OpenCV can decode none"
        if reason:
            of = f" of {self.frames}" if self.frames > read else ""
            noun = plural(self.frames or read, "frame")
            raise IncompleteVideo(
                f"{self.source.shown}: {read}{of} {noun}: {reason}."
            )

    def _why_no_more(self, read: int, end: float) -> str:
        """Return why the frames ended too early; "" if they did not."""
        kind = self.source.kind
        if kind in NAMES:
            return "the camera stopped"
        if read and read == self.frames:
            return ""
        if kind is Kind.ADDRESS and self._waited > 0.9 * self.timeout:
            return f"no frame within {self.timeout:g} s (--timeout)"
        if not self.frames or kind is Kind.PIPE:
            return cut_short(self.source.place) if kind is Kind.FILM else ""
        file = self.source.place if kind is Kind.FILM else None
        # OpenCV estimates the number as length times rate.
        length = self.frames / max(self._reported, 1e-6)
        return missing_frames(file, read, end, self.frames, length)

    def _refused(self, waited: float) -> str:
        noun = NAMES.get(self.source.kind, "video")
        reason = ""
        if self.source.kind is Kind.ADDRESS:
            reason = "Check that the address is right and is a video's."
            if waited > 0.9 * self.timeout:
                reason = f"No answer in {self.timeout:g} s (--timeout)."
        elif self.source.kind is Kind.FILM:
            reason = cut_short(self.source.place)
            reason = f"T{reason[1:]}." if reason else ""
        return (
            f"Expected a {noun} that OpenCV can open. Received: "
            f"{self.source.shown}. {reason}"
        ).rstrip()


def open_video(
    source: VideoSource, timeout: float = TIMEOUT, rate: float = IMAGES_RATE
) -> Video | NumberedImages:
    """Open any source of frames.

    Args:
        source: a result of `video_source`.
        timeout: seconds to wait for an address.
        rate: numbered images per second.

    Raises:
        InputError: if it cannot be opened.
    """
    if source.kind is Kind.IMAGES:
        return NumberedImages(source.place, rate)
    return Video(source, timeout)


def _open(source: VideoSource, timeout: float) -> cv2.VideoCapture:
    if source.kind is Kind.CAMERA:
        return cv2.VideoCapture(int(source.place))
    if source.kind is Kind.DEVICE:
        return cv2.VideoCapture(source.place, cv2.CAP_V4L2)
    if source.kind is Kind.ADDRESS:
        wait = round(1000 * timeout)
        return cv2.VideoCapture(
            source.place,
            cv2.CAP_FFMPEG,
            [
                *(cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, wait),
                *(cv2.CAP_PROP_READ_TIMEOUT_MSEC, wait),
            ],
        )
    with opencv_path(source.place) as path:
        return cv2.VideoCapture(path)
