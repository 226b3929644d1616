"""`facemtl demo`: what its server sends, and how the command ends."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import closing, contextmanager, suppress
from queue import Queue

import cv2
import numpy as np
import pytest

from facemtl import Predictor, synthetic_faces
from facemtl.demo import command, server
from facemtl.demo.command import main
from facemtl.demo.networks import Networks
from facemtl.demo.server import FILES, MOST_BYTES, open_server
from facemtl.errors import InputError
from facemtl.presets import FOLDER, pretrained_names


@pytest.fixture(scope="module")
def photo():
    """The bytes of a photo with a drawn face."""
    faces = synthetic_faces(1, seed=31)
    pixels = faces.images.read(faces.names[0])
    return cv2.imencode(".png", pixels[..., ::-1])[1].tobytes()


@contextmanager
def serving(networks):
    with open_server(networks, [0]) as opened:
        # The last poll is all that a test waits for at the end.
        thread = threading.Thread(target=opened.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield opened
        finally:
            opened.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def demo():
    with serving(Networks([str(FOLDER / "tiny.tflite")])) as opened:
        yield opened


def asked(demo, path, body=None, **headers):
    """Status, headers and text of a response."""
    request = urllib.request.Request(demo.address + path, body, headers)
    try:
        with urllib.request.urlopen(request) as response:
            status, text = response.status, response.read().decode()
            return status, response.headers, text
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read().decode()


def test_a_photo_is_predicted_as_in_python(demo, photo):
    status, headers, text = asked(demo, "predict?model=base", photo)
    assert (status, headers["Content-Type"]) == (200, "application/json")
    expected = Predictor.load("base")(photo)
    assert len(expected) == 1
    assert text == expected.to_json()
    # Without a model, the network of the command line.
    own = Predictor.load(FOLDER / "tiny.tflite")(photo)
    assert asked(demo, "predict", photo)[2] == own.to_json() != text


def test_faces_below_the_minimum_score_are_left_out(demo, photo):
    (face,) = json.loads(asked(demo, "predict?min_score=0.5", photo)[2])
    over = f"predict?min_score={face['score'] + 0.001}"
    assert asked(demo, over, photo)[2] == "[]"


def test_the_page_is_whole_and_asks_no_other_host(demo):
    text = "".join(asked(demo, path[1:])[2] for path in FILES)
    for path, (name, kind) in FILES.items():
        status, headers, sent = asked(demo, path[1:])
        assert (status, headers.get_content_type()) == (200, kind)
        assert sent == (server.PAGE / name).read_text("utf-8")
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "Access-Control-Allow-Origin" not in headers
    assert "</html>" in text
    assert "://" not in text
    known = json.loads(asked(demo, "networks")[2])
    own = str(FOLDER / "tiny.tflite")
    assert known["names"] == [*pretrained_names(), own]
    assert (known["default"], known["min_score"]) == (own, 0.6)


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("predict?model=../x.tflite", 400, "Expected model as one of ['tiny'"),
        ("predict?model=/etc/passwd", 400, "Received: '/etc/passwd'."),
        ("predict?min_score=2", 400, "Expected min_score from 0 to 1."),
        ("predict?min_score=x", 400, "Expected min_score from 0 to 1."),
        ("predicted", 404, "Expected /predict. Received: /predicted."),
    ],
)
def test_what_is_not_offered_is_refused_in_a_line(
    demo, photo, path, status, message
):
    got, headers, text = asked(demo, path, photo)
    assert (got, headers.get_content_type()) == (status, "text/plain")
    assert message in text
    assert "\n" not in text


@pytest.mark.parametrize(
    "body",
    [b"", b"no photo", b"\x89PNG\r\n\x1a\n"],
    ids=["empty", "text", "cut"],
)
def test_a_broken_photo_is_a_line(demo, body, capfd):
    status, _, text = asked(demo, "predict", body)
    assert status == 400
    assert text.startswith("unreadable image: the photo's bytes, ")
    assert "\n" not in text
    assert capfd.readouterr() == ("", "")


def test_files_that_are_not_the_pages_are_not_there(demo):
    for path in ("favicon.ico", "../server.py", "page/demo.js", "//[x"):
        assert asked(demo, path)[0] == 404


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example:{port}"}, 403),
        ({"Host": "127.0.0.1"}, 403),
        ({"Host": ""}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "localhost:{port}"}, 200),
        ({"Origin": "http://localhost:{port}"}, 200),
    ],
    ids=lambda x: " ".join(x.values()) if isinstance(x, dict) else None,
)
def test_pages_of_other_sites_are_refused(demo, photo, headers, status):
    port = demo.server_port
    sent = {name: text.format(port=port) for name, text in headers.items()}
    assert asked(demo, "networks", **sent)[0] == status
    assert asked(demo, "predict", photo, **sent)[0] == status


@pytest.mark.parametrize(
    ("length", "status"),
    [
        (str(MOST_BYTES + 1), 413),
        ("9" * 4400, 413),
        ("-1", 411),
        ("²", 411),
        (None, 411),
    ],
    ids=["large", "huge", "negative", "no_digit", "missing"],
)
def test_a_body_has_a_length_within_the_limit(demo, length, status):
    """The response comes before any of the body is read."""
    link = http.client.HTTPConnection(demo.address[7:-1], timeout=20)
    with closing(link):
        link.putrequest("POST", "/predict")
        if length is not None:
            link.putheader("Content-Length", length.encode())
        link.endheaders()
        response = link.getresponse()
        text = response.read().decode()
        assert (response.status, text.count("\n")) == (status, 0)
        assert text.startswith("Expected ")


def test_other_methods_are_refused(demo):
    link = http.client.HTTPConnection(demo.address[7:-1], timeout=20)
    with closing(link):
        link.request("OPTIONS", "/predict", headers={"Origin": "http://x"})
        response = link.getresponse()
        assert response.status == 501
        assert response.headers["Access-Control-Allow-Origin"] is None


def test_it_listens_on_the_loopback_address_alone(demo):
    assert demo.socket.getsockname()[0] == "127.0.0.1"


def test_a_network_that_cannot_be_loaded_is_a_line(photo, tmp_path, capsys):
    file = tmp_path / "broken.tflite"
    file.write_bytes(b"no network")
    with serving(Networks([str(file)])) as demo:
        status, _, text = asked(demo, "predict", photo)
        assert status == 400
        assert str(file) in text
        assert "\n" not in text
        assert asked(demo, "predict?model=tiny", photo)[0] == 200
    assert capsys.readouterr() == ("", "")


def test_an_error_of_the_program_is_a_line_too(demo, monkeypatch, capsys):
    def fails(*_):
        raise RuntimeError("two\nlines")

    monkeypatch.setattr(demo.networks, "predict", fails)
    assert asked(demo, "predict", b"")[::2] == (500, "RuntimeError: two lines")
    assert capsys.readouterr().err == "error: RuntimeError: two lines\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--model", "split"], "Received: 'split', a configuration"),
        (["--model", "./none"], "Received: ./none, which does not exist"),
        (["--port", "65536"], "Expected --port as 0 to 65535"),
        (["--port", "-1"], "Received: -1."),
    ],
)
def test_wrong_words_are_refused_at_the_start(words, message):
    with pytest.raises(InputError) as caught:
        main(["--no-browser", *words])
    assert message in str(caught.value)


def test_a_port_that_is_taken(monkeypatch):
    networks = Networks([])
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=f"free port. Received: {port} "):
            open_server(networks, [port])
        with open_server(networks, [port, 0]) as opened:
            assert opened.server_port not in (0, port)
        assert command.FIRST_PORT in command._checked_ports(None)


@pytest.mark.parametrize("display", ["", ":1"], ids=["no_display", "display"])
def test_a_browser_opens_the_page_where_there_is_a_display(
    display, monkeypatch, capsys
):
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    monkeypatch.setattr(command, "_serve", lambda server: None)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("DISPLAY", display)
    assert main(["--port", "0"]) == 0
    said = capsys.readouterr().out
    assert [f"Open {x} (Ctrl-C ends the demo).\n" for x in opened] == (
        [said] if display else []
    )
    assert main(["--port", "0", "--no-browser"]) == 0
    assert len(opened) == bool(display)


def test_the_end_waits_for_the_prediction_that_runs(photo, monkeypatch):
    networks, runs, ended = Networks([]), threading.Event(), []

    def slow(pixels):
        runs.set()
        time.sleep(0.2)
        ended.append(pixels.shape)

    monkeypatch.setattr(networks, "_predictor", lambda *_: slow)
    words = ("tiny", photo, 0.6)
    thread = threading.Thread(target=networks.predict, args=words)
    thread.start()
    assert runs.wait(20)
    networks.close()
    assert ended == [(160, 160, 3)]
    thread.join()


def keep_asking(address, photo, replies):
    """As a camera does, until there is no server."""
    with suppress(OSError, http.client.HTTPException):
        while True:
            with urllib.request.urlopen(address, photo) as response:
                replies.put(json.load(response))


def test_the_command_serves_until_ctrl_c_without_tensorflow(photo):
    code = (
        "import signal, sys\n"
        # In the background of a shell, it would be ignored.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from facemtl.__main__ import main\n"
        "from facemtl.process.cli import run\n"
        "try: run(main)\n"
        "finally: print('tensorflow' in sys.modules)\n"
    )
    words = [sys.executable, "-c", code, *("demo", "--port", "0")]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    env = os.environ | {"DISPLAY": "", "WAYLAND_DISPLAY": ""}
    with subprocess.Popen(words, **pipes, env=env, text=True) as process:
        try:
            address = process.stdout.readline().split()[1]
            first, others = Queue(), []
            for _ in range(2):
                words = (f"{address}predict", photo, first)
                others.append(threading.Thread(target=keep_asking, args=words))
                others[-1].start()
            (face,) = first.get(timeout=60)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=30)
        finally:
            process.kill()
        for thread in others:
            thread.join()
    assert len(face["points"]) == 5
    assert (process.returncode, out, err) == (0, "False\n", "")
    assert np.isfinite(face["score"])
