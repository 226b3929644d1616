"""`facemtl predict --video` in a window: where, and until when.

OpenCV's own windows need a display, which tests have not.
"""

import cv2
import numpy as np
import pytest
from video_case import film, json_lines, run_video

from facemtl.errors import InputError
from facemtl.predict.command import main

HEADLESS = "General\n  GUI:   NONE\n"
QT = "General\n  GUI:   QT5\n    QT:   YES\n"
CLOSED = "closed"
ESCAPE = 27


class Screen:
    """Stands for OpenCV's windows; after three frames, something happens."""

    def __init__(self, monkeypatch, third=-1, display=":1", build=QT):
        self.titles, self.frames, self.third = [], [], third
        self.sizes = []
        for name in (
            *("namedWindow", "resizeWindow", "imshow", "waitKey"),
            "getWindowProperty",
        ):
            monkeypatch.setattr(cv2, name, getattr(self, name))
        monkeypatch.setattr(cv2, "destroyAllWindows", self.destroy)
        monkeypatch.setattr(cv2, "getBuildInformation", lambda: build)
        monkeypatch.setattr("sys.platform", "linux")
        monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
        monkeypatch.setenv("DISPLAY", display)

    def namedWindow(self, title, flags):
        self.titles.append(title)

    def resizeWindow(self, title, width, height):
        self.sizes.append((width, height))

    def imshow(self, title, pixels):
        assert title == self.titles[-1]
        self.frames.append(pixels)

    def waitKey(self, milliseconds):
        at_third = len(self.frames) == 3 and self.third != CLOSED
        return self.third if at_third else -1

    def getWindowProperty(self, title, what):
        if self.third == CLOSED and len(self.frames) == 3:
            raise cv2.error("NULL guiReceiver (please create a window)")
        return 1.0

    def destroy(self):
        self.titles.append("destroyed")


class Camera:
    """Stands for a camera that takes photos without an end."""

    frames = 0

    def __init__(self, *_):
        pass

    def isOpened(self):
        return True

    def read(self):
        Camera.frames += 1
        assert Camera.frames < 50, "the camera was not ended"
        pixels = np.zeros((120, 160, 3), np.uint8)
        pixels[..., 0] = 200  # blue
        return True, pixels

    def get(self, what):
        return 0.0

    def release(self):
        pass


@pytest.fixture
def camera(monkeypatch):
    monkeypatch.setattr(Camera, "frames", 0)
    monkeypatch.setattr(cv2, "VideoCapture", Camera)


@pytest.mark.parametrize("third", [ord("q"), ESCAPE, CLOSED])
def test_a_camera_is_shown_until_q_esc_or_a_closed_window(
    third, camera, monkeypatch, tmp_path
):
    screen = Screen(monkeypatch, third)
    lines = tmp_path / "faces.jsonl"
    assert run_video("0", "--json", lines) == 0
    assert screen.titles == ["facemtl: camera 0 (q ends)", "destroyed"]
    assert len(screen.frames) == len(json_lines(lines)) == 3
    # Small frames are enlarged when they are drawn.
    assert screen.frames[0].shape == (360, 480, 3)
    assert screen.sizes == [(480, 360)]
    blue, green, red = screen.frames[0][-1, -1]
    assert (blue, green, red) == (200, 0, 0)
    assert len(np.unique(screen.frames[0].reshape(-1, 3), axis=0)) > 2


def test_a_film_is_shown_if_asked_and_a_camera_is_not_if_asked(
    camera, monkeypatch, tmp_path
):
    screen = Screen(monkeypatch)
    stopping = iter([None, KeyboardInterrupt()])

    def stops(frame):
        if error := next(stopping):
            raise error
        return []

    assert run_video("0", "--no-show", predictor=stops) == 0
    monkeypatch.undo()
    screen = Screen(monkeypatch)
    file = film(tmp_path / "film.mp4", count=4)
    assert run_video(file) == 0
    assert screen.titles == []
    assert run_video(file, "--show") == 0
    assert len(screen.frames) == 4
    large = film(tmp_path / "large.mp4", count=1, size=(1280, 720))
    assert run_video(large, "--show") == 0
    assert screen.sizes[-1] == (960, 540)


@pytest.mark.parametrize(
    ("screen", "reason"),
    [
        ({"build": HEADLESS}, "an OpenCV without windows; opencv-python, "
         "installed in place of opencv-python-headless, has them"),
        ({"display": ""}, "no display"),
    ],
    ids=["headless", "no_display"],
)  # fmt: skip
def test_where_no_window_can_be_a_line_says_so(
    screen, reason, camera, monkeypatch, capsys
):
    opened = Screen(monkeypatch, **screen)
    shown = iter([None, None, KeyboardInterrupt()])

    def stops(frame):
        if error := next(shown):
            raise error
        return []

    assert run_video("0", predictor=stops) == 0
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == f"No window is shown: {reason}."
    assert lines[1].startswith("2 frames, ")
    assert opened.titles == []
    with pytest.raises(InputError) as caught:
        main(["--video", "0", "--show", "--model", "m"])
    assert str(caught.value) == (
        f"Expected a window for --show. Received: {reason}."
    )


@pytest.mark.parametrize("option", ["--show", "--no-show"])
def test_photos_have_no_window(option):
    with pytest.raises(InputError, match="Expected --video SOURCE with --show"):
        main(["a.jpg", option, "--model", "m"])
