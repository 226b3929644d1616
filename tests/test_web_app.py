"""The web app: built by npm, opened in Chromium, its answers Python's."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from web_case import (
    allow_camera,
    browser,
    choose_file,
    errors,
    in_checkout,
    npm,
    served,
    shown_points,
    write_photo,
)

from facemtl import Predictor, read_mtfl, synthetic_faces
from facemtl.geometry import crops

TASKS = [
    {"name": "spots", "kind": "landmarks", "names": ["eye", "chin", "ear"]},
    {"name": "hat_on", "kind": "classes", "names": ["none", "cap", "hood"]},
    {"name": "age", "kind": "value"},
]
CROP = {"size": 32, "color": "rgb", "margin": 0.15}
BOXES = [[40.0, 30.0, 150.0, 160.0], [-20.5, 60.25, 80.0, 120.0]]
# All build or run the app's sources; those in a browser are marked as such.
pytestmark = pytest.mark.npm
NEAR = 0.1  # pixels; what is shown is rounded to 0.1


@pytest.fixture(scope="module")
def exported(tmp_path_factory) -> Path:
    import keras

    from facemtl.export.formats import export_network
    from facemtl.models import FaceNetwork

    keras.utils.set_random_seed(0)
    folder = tmp_path_factory.mktemp("exported")
    network = FaceNetwork(TASKS, CROP, width=0.25)
    # Untrained, it answers nearly the same about everything.
    for weights in network.trainable_variables:
        weights.assign(1.6 * weights)
    network.save(folder / "tiny.keras")
    asked = (["tflite"], ["none"])
    return export_network(folder / "tiny.keras", folder, *asked, verbose=0)


@pytest.fixture(scope="module")
def web(tmp_path_factory) -> Path:
    """The app's sources with their packages, in a folder of their own."""
    return in_checkout(tmp_path_factory.mktemp("web"))


@pytest.fixture(scope="module")
def photo(web, exported) -> np.ndarray:
    """Build the page; a drawn face beside it."""
    done = npm(web, "run", "build", "--", str(exported))
    assert done.returncode == 0, done.stderr
    faces = synthetic_faces(1, seed=3)
    drawn = cv2.resize(faces.images.read(faces.names[0]), (240, 180))
    write_photo(web / "dist/photo.png", drawn)
    return drawn


@pytest.fixture(scope="module")
def site(web, photo):
    with served(web / "dist") as address:
        yield address


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    with browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture(scope="module")
def python(exported, photo):
    """What Python says of a box of the photo."""
    from facemtl.inference.runtimes import load_network

    network = load_network(exported / "model_float32.tflite")

    def answer(box):
        windows = crops.square_windows(np.array([box]), network.crop.margin)
        spec = (network.crop.size, network.crop.color)
        answers = network.predict(crops.crop(photo, windows[0], *spec)[None])
        return answers, crops.to_photo(answers["spots"], windows)[0]

    return answer


@pytest.mark.browser
def test_answers_are_those_of_python(chromium, site, python):
    chromium.open(site)
    seen = []
    for box in BOXES:
        answers, points = python(box)
        said = chromium.js(f"facemtl.answer('photo.png', {box})")
        assert list(said["points"]) == TASKS[0]["names"]
        assert np.abs([*said["points"].values()] - points).max() < NEAR
        hat, age = (said["attributes"][task] for task in ("hat_on", "age"))
        assert hat["probability"] == pytest.approx(answers["hat_on"].max())
        assert hat["class"] == TASKS[1]["names"][answers["hat_on"].argmax()]
        assert age["value"] == pytest.approx(answers["age"].item(), abs=1e-4)
        assert said["milliseconds"] > 0
        seen.append(answers["spots"])
    assert np.ptp(seen, axis=0).max() > 0.1, "the network sees no difference"


@pytest.mark.browser
@pytest.mark.mtfl
def test_real_photos_get_pythons_points(
    chromium, site, web, exported, mtfl_root
):
    predictor = Predictor.load(exported / "model_float32.tflite")
    faces = read_mtfl(mtfl_root, "test")
    chromium.open(site)
    for i in range(0, 60, 12):
        data = faces.images.read_bytes(faces.names[i])
        (web / f"dist/real{i}.jpg").write_bytes(data)
        (face,) = predictor(data, faces.boxes[i : i + 1])
        box = faces.boxes[i].tolist()
        said = chromium.js(f"facemtl.answer('real{i}.jpg', {box})")["points"]
        for name, point in face.points.items():
            assert np.abs(np.subtract(said[name], point)).max() < 0.5


@pytest.mark.browser
def test_a_chosen_photo_and_a_box_moved_by_hand(
    chromium, site, web, photo, python
):
    chromium.open(site, 360)
    write_photo(web / "dist/gray.png", np.full_like(photo, 99))
    choose_file(chromium, web / "dist/gray.png")
    chromium.until("state.textContent.startsWith('No face was found')")
    # 240 x 180 pixels: the box begins in the middle, with half of the height.
    middle, half, step = np.array([119.5, 89.5]), 45.0, 0.02 * 90
    assert chromium.js("frame.getBBox().width > 0 && !placing.hidden")
    chromium.open(f"{site}?photo=photo.png&box=74.5,44.5,164.5,134.5", 360)
    assert_shown(chromium, python, middle, half)

    chromium.js("document.getElementById('frame').focus()")
    for key in ("ArrowRight", "ArrowDown", "ArrowDown", "+"):
        chromium.do("Input.dispatchKeyEvent", type="keyDown", key=key)
    middle, half = middle + [step, 2 * step], half * 1.05
    assert_shown(chromium, python, middle, half)

    drag(chromium, middle, middle + [-30, -20])
    middle = middle + [-30, -20]
    assert_shown(chromium, python, middle, half)
    assert chromium.js("scrollY") == 0

    # The corner across from the one that is pulled stays where it is.
    drag(chromium, middle + half, middle + half + [14, 10])
    assert_shown(chromium, python, middle + 7, half + 7)


def drag(chromium, start, end):
    """With a finger, between two places of the photo."""
    matrix = "(({a, e, f}) => [a, e, f])(overlay.getScreenCTM())"
    scale, *corner = chromium.js(matrix)
    touch = "Input.dispatchTouchEvent"
    for part, kind in [(0, "Start"), (0.5, "Move"), (1, "Move")]:
        x, y = (start + (end - start) * part) * scale + corner
        at = [{"x": x, "y": y}]
        chromium.do(touch, type=f"touch{kind}", touchPoints=at)
    chromium.do(touch, type="touchEnd", touchPoints=[])


def assert_shown(chromium, python, middle, half):
    """The table has Python's points of a box, and they are drawn there."""
    _, points = python([*(middle - half), *(middle + half)])
    chromium.until("places.tBodies[0].rows.length === 3")
    chromium.js("new Promise(done => setTimeout(done, 200))")
    assert np.abs(shown_points(chromium) - points).max() < NEAR
    drawn = chromium.js("document.querySelectorAll('#points .dot').length")
    assert drawn == 3


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1200])
def test_page_fits_names_its_controls_and_stays_here(chromium, site, width):
    chromium.open(f"{site}?photo=photo.png&box=40,30,150,160", width)
    chromium.until("!answers.hidden")
    assert chromium.js("innerWidth") == width
    assert chromium.js("document.documentElement.scrollWidth") == width
    names = {}
    for node in chromium.do("Accessibility.getFullAXTree")["nodes"]:
        states = {x["name"] for x in node.get("properties", [])}
        if "focusable" in states and node["role"]["value"] != "RootWebArea":
            names[node["role"]["value"], node["name"]["value"]] = node
    assert all(name for _, name in names)
    assert {("application", "Box round the face"), ("button", "Camera")} <= {
        *names
    }
    asked = [
        event["params"]["request"]["url"]
        for event in chromium.events
        if event["method"] == "Network.requestWillBeSent"
    ]
    assert any(url.endswith("model.tflite") for url in asked)
    assert all(url.startswith((site, f"blob:{site}")) for url in asked)
    assert errors(chromium) == []


@pytest.mark.browser
def test_camera_is_answered_or_says_that_it_was_refused(chromium, site):
    chromium.open(site)
    allow_camera(chromium, site, "denied")
    chromium.js("camera.click()")
    chromium.until("error.textContent.includes('The camera was refused')")
    allow_camera(chromium, site, "granted")
    chromium.js("camera.click()")
    # Chromium's own picture is a clock.
    chromium.until("state.textContent === 'No face.'")
    assert chromium.js("camera.ariaPressed + error.textContent") == "true"
    chromium.js("hand.click()")
    chromium.until("places.tBodies[0].rows.length === 3")
    chromium.js("camera.click()")
    assert chromium.js("camera.ariaPressed") == "false"


@pytest.mark.browser
def test_what_is_missing_or_no_image_is_told(chromium, site, web):
    chromium.open(f"{site}?photo=facemtl.json")
    chromium.until("error.textContent.includes('is not an image')")
    for name in ("model.tflite", "yunet.tflite"):
        file = web / "dist" / name
        away = file.rename(file.with_suffix(".away"))
        try:
            chromium.open(f"{site}?without={name}")
            chromium.until(f"error.textContent.includes('{name} is missing')")
        finally:
            away.rename(file)
