"""The page of `facemtl demo` in Chromium: photos, the camera, errors."""

from pathlib import Path
from threading import Thread

import cv2
import numpy as np
import pytest
from chromium_case import BROWSERS, Chromium, needed

from facemtl import Predictor, synthetic_faces
from facemtl.demo.networks import Networks
from facemtl.demo.server import open_server

pytestmark = pytest.mark.browser
TABLE = "[...points.tBodies[0].rows].map(r => [...r.cells].slice(1)"
SHOWN = f"{TABLE}.map(c => Number(c.textContent)))"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A photo of two drawn faces, and one of them as a camera's film."""
    folder = tmp_path_factory.mktemp("photos")
    faces = synthetic_faces(2, seed=31)
    pixels = [faces.images.read(x)[..., ::-1] for x in faces.names]
    cv2.imwrite(str(folder / "two.png"), np.hstack(pixels))
    cv2.imwrite(str(folder / "none.png"), np.full((90, 60, 3), 128, np.uint8))
    large = cv2.resize(pixels[0], (480, 480))
    frame = cv2.imencode(".jpg", large)[1].tobytes()
    (folder / "camera.mjpeg").write_bytes(5 * frame)
    (folder / "text.txt").write_text("no photo")
    (folder / "broken.tflite").write_text("no network")
    return folder


@pytest.fixture(scope="module")
def address(folder):
    networks = Networks(["base", str(folder / "broken.tflite")])
    with open_server(networks, [0]) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.address
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def chromium(folder, tmp_path_factory):
    film = f"--use-file-for-fake-video-capture={folder / 'camera.mjpeg'}"
    profile = tmp_path_factory.mktemp("profile")
    browser = Chromium(needed(*BROWSERS), profile, film)
    yield browser
    browser.close()


def choose(chromium, file):
    root = chromium.do("DOM.getDocument")["root"]["nodeId"]
    find = {"nodeId": root, "selector": "#file"}
    field = chromium.do("DOM.querySelector", **find)["nodeId"]
    chromium.do("DOM.setFileInputFiles", nodeId=field, files=[str(file)])


def opened(chromium, address, width):
    chromium.open(address, width)
    chromium.until("model.options.length > 3")
    assert chromium.js("[model.value, score.value, least.value]") == [
        *("base", "0.6", "0.6")
    ]


def test_a_photo_on_a_phone(chromium, address, folder):
    opened(chromium, address, 390)
    choose(chromium, folder / "two.png")
    chromium.until("state.textContent === '2 faces in two.png.'")
    python = Predictor.load("base")(folder / "two.png")
    assert_table(chromium, python[0])
    assert chromium.js("faces.textContent").count("detector score 0.9") == 2

    # A tap on the other face.
    left, top, right, bottom = python[1].box
    size = "(({left, top, width}) => [left, top, width])"
    x, y, width = chromium.js(f"{size}(photo.getBoundingClientRect())")
    at = {
        "x": x + (left + right) / 2 * width / 320,
        "y": y + (top + bottom) / 2 * width / 320,
    }
    for kind, points in (("touchStart", [at]), ("touchEnd", [])):
        touch = {"type": kind, "touchPoints": points}
        chromium.do("Input.dispatchTouchEvent", **touch)
    chromium.until("faces.children[1].ariaPressed === 'true'")
    assert_table(chromium, python[1])

    # The points are drawn where they are.
    nose = [(c + 0.5) * width / 320 for c in python[1].points["nose"]]
    pixel = f"photo.getContext('2d').getImageData({nose[0]}, {nose[1]}, 1, 1)"
    assert chromium.js(f"[...{pixel}.data]")[:3] == [0x19, 0xE3, 0xC2]

    assert chromium.js("innerWidth") == 390
    assert chromium.js("document.documentElement.scrollWidth") == 390
    assert_controls_have_names(chromium)
    assert_stays_here(chromium, address)


def assert_table(chromium, face):
    shown = np.array(chromium.js(SHOWN))
    assert np.abs(shown[:, :2] - face.array()).max() < 0.06
    sigma = list(face.points_sigma.values())
    assert np.abs(shown[:, 2] - sigma).max() < 0.06
    confidence = f"confidence {100 * face.confidence:.0f}\u00a0%, "
    assert confidence in chromium.js("faces.textContent")
    rows = "[...attributes.tBodies[0].rows].map(r => r.textContent)"
    for row, (task, x) in zip(
        chromium.js(rows), face.attributes.items(), strict=True
    ):
        first = f"{task}{x.name} {100 * x.probability:.0f}\u00a0%, "
        assert row.startswith(first.replace("_", " "))


def assert_controls_have_names(chromium):
    nodes = chromium.do("Accessibility.getFullAXTree")["nodes"]
    names = set()
    for node in nodes:
        states = {x["name"] for x in node.get("properties", [])}
        if "focusable" in states and node["role"]["value"] != "RootWebArea":
            names.add((node["role"]["value"], node["name"]["value"]))
    assert all(name for _, name in names), names
    assert {("combobox", "Network"), ("button", "Start the camera")} <= names


def assert_stays_here(chromium, address):
    asked = [
        event["params"]["request"]["url"]
        for event in chromium.events
        if event["method"] == "Network.requestWillBeSent"
    ]
    errors = [
        event
        for event in chromium.events
        if event["method"] == "Runtime.exceptionThrown"
        or event["params"].get("type") == "error"
    ]
    assert f"{address}predict?model=base&min_score=0.6" in asked
    assert all(url.startswith((address, "data:,")) for url in asked)
    assert errors == []


def test_what_cannot_be_predicted_is_a_line(chromium, address, folder):
    opened(chromium, address, 1280)
    choose(chromium, folder / "none.png")
    chromium.until("state.textContent === 'No face in none.png.'")
    assert chromium.js("points.hidden && attributes.hidden")
    choose(chromium, folder / "text.txt")
    chromium.until("error.textContent.startsWith('text.txt is not an image')")
    choose(chromium, folder / "two.png")
    chromium.until("state.textContent === '2 faces in two.png.'")
    chromium.js("model.selectedIndex = model.length - 1, model.onchange()")
    chromium.until("error.textContent.includes('broken.tflite')")
    assert chromium.js("state.textContent + faces.textContent") == ""
    chromium.js("model.value = 'tiny', model.onchange()")
    chromium.until("state.textContent === '2 faces in two.png.'")
    assert chromium.js("[deviation.hidden, points.rows[1].cells.length]") == [
        *(False, 4)
    ]
    assert chromium.js("error.textContent") == ""
    # The slider says its number before, and predicts after it is let go.
    chromium.js("score.value = 0.95, score.oninput(), score.onchange()")
    assert chromium.js("least.value") == "0.95"
    chromium.until("state.textContent === 'No face in two.png.'")


def test_the_camera(chromium, address):
    camera = {"permission": {"name": "camera"}, "origin": address[:-1]}
    opened(chromium, address, 1280)
    chromium.do("Browser.setPermission", **camera, setting="denied")
    chromium.js("camera.click()")
    chromium.until("error.textContent.startsWith('The camera was refused')")
    assert chromium.js("camera.textContent") == "Start the camera"
    chromium.do("Browser.setPermission", **camera, setting="granted")
    chromium.js("camera.click()")
    chromium.until("state.textContent === '1 face in front of the camera.'")
    assert chromium.js("points.tBodies[0].rows.length") == 5
    count = "window.fetch = (...x) => (window.sent++, plain(...x))"
    chromium.js(f"window.sent = 0, window.plain = fetch, {count}, 0")
    chromium.until("sent > 2")
    chromium.js("camera.click()")
    assert chromium.js("camera.textContent + error.textContent") == (
        "Start the camera"
    )
    sent = chromium.js("sent")
    chromium.js("new Promise(done => setTimeout(done, 300))")
    assert chromium.js("sent") == sent
