"""The web page finds faces: on photos, in the camera, and offline."""

import cv2
import numpy as np
import pytest
from test_web_detector import several
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

pytestmark = [pytest.mark.npm, pytest.mark.browser]
RUNTIMES = ("litert/litert_wasm_internal", "litert/litert_wasm_compat_internal")
NEAR = 0.5  # pixels between the page's points and Python's
LARGE = 250  # Pixels a side of a face's box.
TURNED = cv2.getRotationMatrix2D((74.5, 74.5), 25, 1)


@pytest.fixture(scope="module")
def dist(tmp_path_factory):
    """The page with the preset base, and drawn faces beside it."""
    app = in_checkout(tmp_path_factory.mktemp("checkout"))
    done = npm(app, "run", "build")
    assert done.returncode == 0, done.stderr
    write_photo(app / "dist/two.png", two_faces())
    return app / "dist"


@pytest.fixture(scope="module")
def site(dist):
    with served(dist) as address:
        yield address


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    with browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


def two_faces() -> np.ndarray:
    """Drawn faces, the second at half the size of the first."""
    faces = synthetic_faces(1, seed=3)
    drawn = cv2.resize(faces.images.read(faces.names[0]), (240, 240))
    photo = np.full((240, 380, 3), 120, np.uint8)
    photo[:, :240] = drawn
    photo[60:180, 250:370] = cv2.resize(drawn, (120, 120))
    return photo


@pytest.mark.mtfl
def test_real_photos_have_the_faces_that_python_finds(
    chromium, site, dist, mtfl_root
):
    faces = read_mtfl(mtfl_root, "test")
    photos = [faces.images.read(name) for name in faces.names[:400:40]]
    turned = cv2.warpAffine(photos[2], TURNED, (150, 150))
    photos = [*photos[:4], turned, several(photos[:2]), several(photos[:5])]
    predictor = Predictor.load()
    chromium.open(site)
    counts = []
    for i, photo in enumerate(photos):
        write_photo(dist / f"real{i}.png", photo)
        found = chromium.js(f"facemtl.faces('real{i}.png')")
        expected = predictor(photo)
        assert len(found) == len(expected)
        for said, face in zip(found, expected, strict=True):
            assert_same_face(said, face)
        counts.append(len(found))
    assert min(counts) == 1
    assert counts[-2:] == [2, 5]


def assert_same_face(said, face):
    """A face as the page says it is that of Python."""
    assert np.abs(np.subtract(said["box"], face.box)).max() < NEAR
    assert said["score"] == pytest.approx(face.score, abs=0.001)
    assert list(said["points"]) == list(face.points)
    off = np.subtract([*said["points"].values()], [*face.points.values()])
    # The same share of a face in its crop is more pixels of a large face.
    side = face.box[2] - face.box[0]
    assert np.abs(off).max() < NEAR * max(1, side / LARGE)
    for task, predicted in face.attributes.items():
        assert said["attributes"][task]["class"] == predicted.name
    for name, deviation in face.points_sigma.items():
        assert said["sigma"][name] == pytest.approx(deviation, rel=0.05)
    assert said["confidence"] == pytest.approx(face.confidence, abs=0.05)


def test_a_tap_or_a_key_selects_one_of_several_faces(chromium, site):
    chromium.open(f"{site}?photo=two.png", 390)
    chromium.until("state.textContent.startsWith('2 faces.')")
    assert chromium.js("who.textContent") == "Face 1"
    large = shown_points(chromium)
    tap(chromium, "[aria-label='Face 2']")
    chromium.until("who.textContent === 'Face 2'")
    small = shown_points(chromium)
    assert np.ptp(small[:, 0]) < 0.7 * np.ptp(large[:, 0])
    assert (small[:, 0] > 250).all()
    assert chromium.js("document.querySelectorAll('.face .dot').length") == 10
    chromium.js("document.querySelector('.face').focus()")
    chromium.do("Input.dispatchKeyEvent", type="keyDown", key="Enter")
    chromium.until("who.textContent === 'Face 1'")
    pressed = "[...faces.children].map(x => x.ariaPressed)"
    assert chromium.js(pressed) == ["true", "false"]
    assert np.array_equal(shown_points(chromium), large)
    # A box by hand begins at the selected face.
    chromium.js("hand.click()")
    chromium.until("faces.children.length === 0 && !placing.hidden")
    assert np.abs(shown_points(chromium) - large).max() < 3
    chromium.js("hand.click()")
    chromium.until("faces.children.length === 2 && placing.hidden")


def tap(chromium, selector):
    rect = "{x, y, width, height}"
    where = f"document.querySelector(`{selector}`).getBoundingClientRect()"
    x, y = chromium.js(
        f"(({rect}) => [x + width / 2, y + height / 2])({where})"
    )
    at = [{"x": x, "y": y}]
    touch = "Input.dispatchTouchEvent"
    chromium.do(touch, type="touchStart", touchPoints=at)
    chromium.do(touch, type="touchEnd", touchPoints=[])


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ((120, 160, 3), "No face was found. Put the box round one."),
        ((9, 20, 3), "No face was found: a face needs about 15 pixels, and "
         "this photo has 20 × 9."),
    ],
    ids=["no face", "small"],
)  # fmt: skip
def test_a_photo_without_a_face_says_so(chromium, site, dist, shape, said):
    name = f"gray{shape[1]}.png"
    write_photo(dist / name, np.full(shape, 120, np.uint8))
    chromium.open(f"{site}?photo={name}", 390)
    chromium.until("state.textContent.startsWith('No face')")
    assert chromium.js("state.textContent") == said
    assert chromium.js("answers.hidden && !placing.hidden")
    # A photo with faces is searched as before.
    choose_file(chromium, dist / "two.png")
    chromium.until("faces.children.length === 2")
    assert chromium.js("placing.hidden && !answers.hidden")
    assert errors(chromium) == []


def test_a_preset_says_of_a_box_what_python_says(chromium, site, dist):
    faces = synthetic_faces(1, seed=3)
    drawn, box = faces.images.read(faces.names[0]), faces.boxes[0]
    write_photo(dist / "drawn.png", drawn)
    predictor = Predictor.load()
    chromium.open(site)
    # The second box is so badly placed that there is a second pass.
    for given in (box, box + 0.2 * (box[2] - box[0])):
        (face,) = predictor(drawn, given[None])
        said = chromium.js(f"facemtl.answer('drawn.png', {given.tolist()})")
        assert_same_face({**said, "score": None}, face)
    chromium.open(f"{site}?photo=drawn.png&box=0,0,20,20")
    chromium.until("state.textContent === 'No face in this box.'")
    assert chromium.js("answers.hidden && points.children.length === 0")


def test_the_page_works_offline_after_its_first_load(chromium, dist):
    worker = dist / "sw.js"
    first, *rest = worker.read_text(encoding="utf-8").splitlines(True)
    with served(dist) as address:
        chromium.open(address)
        until_kept(chromium)
        # A later build takes the place of this one.
        later = first.replace(' "', ' "later')
        worker.write_text("".join([later, *rest]), encoding="utf-8")
        chromium.open(f"{address}?later")
        names = "caches.keys().then(x => x.map(y => y.split(' ').pop())"
        chromium.until(f"{names}.every(y => y.startsWith('later')))")
        until_kept(chromium)
        worker.write_text("".join([first, *rest]), encoding="utf-8")
    chromium.open(f"{address}?again")
    choose_file(chromium, dist / "two.png")
    chromium.until("faces.children.length === 2")
    manifest = chromium.do("Page.getAppManifest")
    assert manifest["errors"] == []
    assert '"short_name": "facemtl"' in manifest["data"]


def until_kept(chromium):
    """A browser uses one of two runtimes, and keeps it last of all files."""
    for end in ("wasm", "js"):
        kept = ", ".join(f"caches.match('{x}.{end}')" for x in RUNTIMES)
        chromium.until(f"Promise.all([{kept}]).then(x => x.some(Boolean))")


def test_the_camera_s_face_is_found_followed_and_gone(
    site, tmp_path_factory, tmp_path
):
    film = tmp_path / "camera.mjpeg"
    faces = synthetic_faces(1, seed=3)
    drawn = cv2.resize(faces.images.read(faces.names[0]), (200, 200))
    nose = faces.labels["landmarks"][0, 2] * 200 / 150
    with film.open("wb") as file:
        for i in range(80):
            frame = np.full((360, 640, 3), 120, np.uint8)
            if i < 60:
                left = round(200 + 180 * np.sin(i / 60 * 2 * np.pi))
                frame[80:280, left : left + 200] = drawn
            file.write(cv2.imencode(".jpg", frame[..., ::-1])[1].tobytes())
    words = f"--use-file-for-fake-video-capture={film}"
    with browser(tmp_path_factory.mktemp("profile"), words) as chromium:
        chromium.open(site, 390)
        allow_camera(chromium, site, "granted")
        chromium.js("camera.click()")
        seen = followed(chromium)
        gone = "answers.hidden && faces.children.length === 0"
        chromium.until(f"state.textContent === 'No face.' && {gone}")
        chromium.until("faces.children[0]?.ariaLabel === 'Face 1'")
        assert errors(chromium) == []
    assert np.ptp(seen[:, 0]) > 60
    assert np.abs(seen[:, 1] - (80 + nose[1])).max() < 8


def followed(chromium) -> np.ndarray:
    """Where the nose is while it moves, (N, 2)."""
    chromium.until("!answers.hidden")
    code = """new Promise((done) => {
      const noses = [];
      const timer = setInterval(() => {
        const row = [...(places.tBodies[0].rows[2]?.cells ?? [])];
        !answers.hidden && row.length &&
          noses.push([row[1], row[2]].map((cell) => Number(cell.textContent)));
        noses.length === 30 && (clearInterval(timer), done(noses));
      }, 50);
    })"""
    return np.array(chromium.js(code))
