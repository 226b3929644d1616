"""The window of `facemtl predict --video`."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import cv2
import numpy as np

from facemtl.errors import InputError
from facemtl.inference.drawing import draw_faces
from facemtl.inference.face import Face
from facemtl.process.display import has_display
from facemtl.video.source import Kind, VideoSource

QUIT = (ord("q"), 27)  # 27 is Esc
LONGEST = 960  # pixels of a side of the window when it opens
CAMERAS = (Kind.CAMERA, Kind.DEVICE)


def no_window() -> str:
    """Return why there can be no window; "" if OpenCV can open one."""
    if "GUI: NONE" in " ".join(cv2.getBuildInformation().split()):
        return (
            "an OpenCV without windows; opencv-python, installed in place of "
            "opencv-python-headless, has them"
        )
    return "" if has_display() else "no display"


def check_window() -> None:
    """Raise for `--show` where there can be no window.

    Raises:
        InputError: with the reason.
    """
    if reason := no_window():
        raise InputError(f"Expected a window for --show. Received: {reason}.")


class Window:
    """Shows annotated frames.

    Args:
        title: the window's title.
        labels: the text about faces; see `draw_faces`.
    """

    def __init__(self, title: str, labels: str) -> None:
        self._title, self._labels = title, labels
        self._opened = False

    def show(
        self, pixels: np.ndarray, faces: Sequence[tuple[int, Face]]
    ) -> bool:
        """Show a frame.

        Args:
            pixels: (H, W, 3), uint8, RGB.
            faces: the faces with the numbers of their tracks.

        Returns:
            False after q, Esc, or if the window was closed.
        """
        titles = [f"face {number}" for number, _ in faces]
        found = [face for _, face in faces]
        drawn = draw_faces(pixels, found, titles, self._labels)
        if not self._opened:
            self._open(drawn)
        cv2.imshow(self._title, cv2.cvtColor(drawn, cv2.COLOR_RGB2BGR))
        key = cv2.waitKey(1) & 0xFF
        return key not in QUIT and self._is_open()

    def _open(self, drawn: np.ndarray) -> None:
        self._opened = True
        # It can be resized, and has no tool bar.
        flags = cv2.WINDOW_NORMAL | cv2.WINDOW_GUI_NORMAL
        cv2.namedWindow(self._title, flags | cv2.WINDOW_KEEPRATIO)
        height, width = drawn.shape[:2]
        scale = min(1.0, LONGEST / max(height, width))
        size = (round(scale * width), round(scale * height))
        cv2.resizeWindow(self._title, *size)

    def _is_open(self) -> bool:
        try:
            state = cv2.getWindowProperty(self._title, cv2.WND_PROP_VISIBLE)
        except cv2.error:  # The last window was closed.
            return False
        return state > 0


@contextmanager
def shown_window(
    args: argparse.Namespace, source: VideoSource
) -> Iterator[Window | None]:
    """Open the window of a camera, or of `--show`; close it at the end.

    A camera without `--show` is predicted without a window where there can be
    none, and a line says so.

    Args:
        args: the command's arguments.
        source: the video.
    """
    camera = source.kind in CAMERAS
    wanted = camera if args.show is None else args.show
    reason = no_window() if wanted else ""
    if reason and not args.quiet:
        print(f"No window is shown: {reason}.", file=sys.stderr)
    if reason or not wanted:
        yield None
        return
    try:
        yield Window(f"facemtl: {source.shown} (q ends)", args.labels or "all")
    finally:
        cv2.destroyAllWindows()
