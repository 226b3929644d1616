"""Films and cameras at addresses, and addresses that do not answer."""

import http.server
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress

import cv2
import numpy as np
import pytest
from export_case import stitched_tflite
from video_case import film, frames_of, index_first, json_lines, run_video

from facemtl.errors import InputError

_, PHOTO = cv2.imencode(".jpg", np.full((120, 160, 3), 90, np.uint8))
PART = b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n"
MJPEG = "multipart/x-mixed-replace; boundary=frame"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The address of a server of a film, a web camera and a page."""
    folder = tmp_path_factory.mktemp("served")
    data = index_first(film(folder / "film.mp4")).read_bytes()
    over = threading.Event()

    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def do_GET(self):
            name = self.path.split("?")[0].strip("/")
            if not hasattr(self, name):
                self.send_error(404)
                return
            with suppress(OSError):  # The reader has gone.
                getattr(self, name)()

        def head(self, kind, length=None):
            self.send_response(200)
            self.send_header("Content-Type", kind)
            if length:
                self.send_header("Content-Length", str(length))
            self.end_headers()

        def film(self, share=1.0):
            self.head("video/mp4", len(data))
            self.wfile.write(data[: int(share * len(data))])

        def cut(self):
            self.film(0.75)

        def stalled(self):
            self.film(0.75)
            self.wfile.flush()
            over.wait()

        def page(self):
            self.head("text/html")
            self.wfile.write(b"<html>no film</html>")

        def camera(self, count=6):
            self.head(MJPEG)
            photo = PHOTO.tobytes()
            for _ in range(count):
                self.wfile.write(PART % len(photo) + photo + b"\r\n")
                self.wfile.flush()
                time.sleep(0.15)

        def stuck(self):
            self.camera()
            over.wait()

    served = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.daemon_threads = True
    threading.Thread(target=served.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{served.server_port}"
    over.set()
    served.shutdown()
    served.server_close()


@pytest.fixture
def silent():
    """A port that accepts and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def test_a_film_at_an_address(server, tmp_path):
    lines = tmp_path / "faces.jsonl"
    address = f"{server}/film?token=secret"
    assert run_video(address, "--json", lines, "--draw", tmp_path / "d") == 0
    assert [line["time"] for line in json_lines(lines)] == pytest.approx(
        [i / 25 for i in range(12)], abs=0.001
    )
    assert len(frames_of(tmp_path / "d/film_faces.mp4")) == 12


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("cut", "the connection ended"),
        ("stalled", "no frame within 0.5 s (--timeout)"),
    ],
)
def test_a_film_that_comes_in_part(path, reason, server, tmp_path, capsys):
    lines = tmp_path / "faces.jsonl"
    address = f"{server}/{path}?token=secret"
    started = time.monotonic()
    assert run_video(address, "--json", lines, "--timeout", 0.5) == 1
    assert time.monotonic() - started < 5
    read = len(json_lines(lines))
    assert 0 < read < 12
    error = capsys.readouterr().err.splitlines()[-1]
    assert error == (f"error: {server}/{path}: {read} of 12 frames: {reason}.")


def test_a_web_camera_has_the_wall_clocks_times(server, tmp_path):
    """FFmpeg would say that each photo takes 1/25 s."""
    lines = tmp_path / "faces.jsonl"
    assert run_video(f"{server}/camera", "--json", lines) == 0
    times = [line["time"] for line in json_lines(lines)]
    assert len(times) == 6
    # The first ones have come while the address was opened.
    assert times[-1] - times[-3] == pytest.approx(0.3, abs=0.12)


def test_a_web_camera_that_stops(server, tmp_path, capsys):
    lines = tmp_path / "faces.jsonl"
    options = ("--json", lines, "--timeout", 1)
    assert run_video(f"{server}/stuck", *options) == 1
    assert len(json_lines(lines)) == 6
    error = capsys.readouterr().err.splitlines()[-1]
    assert error == (
        f"error: {server}/stuck: 6 frames: no frame within 1 s (--timeout)."
    )


@pytest.mark.parametrize("path", ["page", "none"])
def test_an_address_that_is_no_videos(path, server):
    message = f"Received: {server}/{path}. Check that the address is right"
    with pytest.raises(InputError, match=message):
        run_video(f"{server}/{path}?key=secret")


@pytest.mark.parametrize("scheme", ["http", "rtsp", "rtmp", "tcp"])
def test_a_server_that_never_answers(scheme, silent):
    started = time.monotonic()
    address = f"{scheme}://user:secret@127.0.0.1:{silent}/x?key=secret"
    message = r"/x\. No answer in 0\.5 s \(--timeout\)\.$"
    with pytest.raises(InputError, match=message) as caught:
        run_video(address, "--timeout", 0.5)
    assert time.monotonic() - started < 5
    assert "secret" not in str(caught.value)
    assert "user" not in str(caught.value)


@pytest.mark.slow
def test_the_command_says_one_line_and_no_password(silent):
    address = f"rtsp://user:secret@127.0.0.1:{silent}/x?key=secret"
    words = ["--video", address, "--timeout", "0.5"]
    done = subprocess.run(
        [sys.executable, "-m", "facemtl.predict", *words]
        + ["--model", str(stitched_tflite())],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert done.stderr == (
        "error: Expected a video that OpenCV can open. Received: "
        f"rtsp://127.0.0.1:{silent}/x. No answer in 0.5 s (--timeout).\n"
    )
