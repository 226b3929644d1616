"""Photos as people have them, whichever library or shell they come from."""

import io
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

import facemtl
from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.detection.detector import FaceDetector
from facemtl.errors import InputError
from facemtl.photos.patterns import matching_files
from facemtl.photos.photo import as_rgb
from facemtl.predict.command import main

FACES = synthetic_faces(2, seed=11)
PHOTO = FACES.images.read(FACES.names[0])
GRAY = cv2.cvtColor(PHOTO, cv2.COLOR_RGB2GRAY)
BOX = FACES.boxes[:1]
PNG = cv2.imencode(".png", PHOTO[..., ::-1])[1].tobytes()


@pytest.fixture(scope="module")
def predictor():
    return facemtl.Predictor("tiny")


def told(call):
    """The one line of an `InputError`."""
    with pytest.raises(InputError) as error:
        call()
    assert "\n" not in str(error.value)
    return str(error.value)


def test_a_predictor_takes_a_presets_name(predictor):
    loaded = facemtl.Predictor.load("tiny")
    network = facemtl.load_network("tiny")
    wanted = loaded(PHOTO)
    assert len(wanted) == 1
    assert predictor(PHOTO) == wanted
    assert facemtl.Predictor(Path("tiny"))(PHOTO) == wanted
    assert facemtl.Predictor(network)(PHOTO) == wanted


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "CMYK", "YCbCr", "HSV"])
def test_pillows_color_images(mode):
    image = Image.fromarray(PHOTO).convert(mode)
    wanted = np.asarray(image.convert("RGB"))
    np.testing.assert_array_equal(as_rgb(image), wanted)
    assert np.abs(as_rgb(image).astype(int) - PHOTO).mean() < 4


@pytest.mark.parametrize("mode", ["L", "LA", "La", "1", "I;16"])
def test_pillows_gray_images(mode):
    image = {
        "L": Image.fromarray(GRAY),
        "LA": Image.fromarray(GRAY).convert("LA"),
        "La": Image.fromarray(GRAY).convert("LA").convert("La"),
        "1": Image.fromarray(GRAY > 127),
        "I;16": Image.fromarray(GRAY.astype(np.uint16) * 257),
    }[mode]
    assert image.mode == mode
    wanted = np.where(GRAY > 127, 255, 0) if mode == "1" else GRAY
    np.testing.assert_array_equal(as_rgb(image), np.dstack([wanted] * 3))


@pytest.mark.parametrize("alpha", [False, True])
def test_pillows_palettes(alpha):
    image = Image.fromarray(PHOTO).quantize(256)
    wanted = np.asarray(image.convert("RGB"))
    if alpha:
        # Bytes: Pillow itself warns of what "RGB" does with them.
        image.info["transparency"] = bytes(range(256))
    np.testing.assert_array_equal(as_rgb(image), wanted)


@pytest.mark.parametrize("mode", ["I", "F"])
def test_pillows_images_that_do_not_say_what_is_white(mode):
    line = told(lambda: as_rgb(Image.fromarray(GRAY).convert(mode)))
    assert f"Received: mode '{mode}'" in line
    assert "'I;16' (0 to 65535)" in line


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_pillow_image_is_turned_as_its_file_is(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    out = io.BytesIO()
    Image.fromarray(PHOTO[:120]).save(out, "png", exif=exif)
    image = Image.open(out)
    np.testing.assert_array_equal(as_rgb(image), as_rgb(out.getvalue()))
    turned = orientation > 4
    assert as_rgb(image).shape == ((160, 120, 3) if turned else (120, 160, 3))
    # The caller's image stays as it is.
    assert image.getexif()[0x0112] == orientation
    np.testing.assert_array_equal(np.asarray(image), PHOTO[:120])


def test_a_pillow_image_that_is_read_lazily(predictor, tmp_path):
    file = tmp_path / "face.png"
    file.write_bytes(PNG)
    assert predictor(Image.open(file), BOX) == predictor(PHOTO, BOX)
    closed = Image.open(file)
    closed.close()
    assert "PIL image that can be read" in told(lambda: predictor(closed))
    file.write_bytes(PNG[: len(PNG) // 2])
    with Image.open(file) as broken:
        assert "truncated" in told(lambda: predictor(broken))


def test_bytes_and_opened_files(predictor, tmp_path):
    file = tmp_path / "face.png"
    file.write_bytes(PNG)
    wanted = predictor(PHOTO, BOX)
    at_end = io.BytesIO()
    at_end.write(PNG)  # as `image.save(out)` leaves it
    for photo in (io.BytesIO(PNG), at_end, bytearray(PNG), memoryview(PNG)):
        assert predictor(photo, BOX) == wanted
    with file.open("rb") as opened:
        assert predictor(opened, BOX) == wanted
        assert predictor(opened, BOX) == wanted
    assert "closed file" in told(lambda: predictor(opened))
    with file.open(encoding="latin-1") as text:
        assert "Open a file with mode 'rb'" in told(lambda: predictor(text))
    assert "mode 'rb'" in told(lambda: predictor(io.StringIO("text")))


def test_a_stream_without_positions(predictor):
    class Stream:
        def read(self):
            return PNG

    assert predictor(Stream(), BOX) == predictor(PHOTO, BOX)


def test_tensors_and_arrays_of_either_byte_order(predictor):
    class Tensor:
        def __init__(self, pixels):
            self.pixels = pixels

        def __array__(self, dtype=None, copy=None):
            if self.pixels is None:
                raise TypeError("can't convert cuda:0 device type tensor")
            return self.pixels

    wanted = predictor(PHOTO, BOX)
    assert predictor(Tensor(PHOTO), BOX) == wanted
    wide = PHOTO.astype(np.uint16) * 257
    for order in (">u2", "<u2"):
        assert predictor(wide.astype(order), BOX) == wanted
    assert "cuda:0" in told(lambda: predictor(Tensor(None)))
    line = told(lambda: predictor(Tensor(PHOTO.transpose(2, 0, 1) / 255)))
    assert "(3, 160, 160)" in line


@pytest.mark.parametrize(
    ("photo", "message"),
    [
        (PHOTO.tolist(), "Received: a list. Give several photos to predictor"),
        (["a.jpg"], "Received: a list. Give several photos to predictor.batch"),
        (PHOTO > 9, "Received: bool"),
        ("", "Expected a photo's file as a path. Received: ''"),
        ("a\0.jpg", r"Received: 'a\x00.jpg'"),
        ("\ud800.jpg", r"Received the name '\ud800.jpg'"),
        ({}, "Received: dict"),
    ],
    ids=["pixels", "files", "bool", "empty", "zero", "half", "dict"],
)
def test_what_is_no_photo_is_told(predictor, photo, message):
    assert message in told(lambda: predictor(photo))


def test_home_is_found_unless_it_is_a_name(predictor, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "face.png").write_bytes(PNG)
    wanted = predictor(PHOTO, BOX)
    assert predictor("~/face.png", BOX) == wanted
    assert predictor(Path("~/face.png"), BOX) == wanted
    monkeypatch.chdir(tmp_path)
    gray = cv2.imencode(".png", GRAY)[1].tobytes()
    (tmp_path / "~face.png").write_bytes(gray)
    assert predictor("~face.png", BOX) == predictor(gray, BOX)


def test_a_detector_takes_what_a_predictor_takes():
    detector = FaceDetector()
    wanted = detector(PHOTO).boxes
    for photo in (PNG, Image.fromarray(PHOTO), io.BytesIO(PNG)):
        np.testing.assert_array_equal(detector(photo).boxes, wanted)
    assert len(detector(GRAY)) == 1
    assert "uint8" in told(lambda: detector(PHOTO / 255))


def test_patterns_in_python_are_told(predictor, tmp_path):
    for name in ("b.png", "a.png", "a[1].png"):
        (tmp_path / name).write_bytes(PNG)
    line = told(lambda: predictor(tmp_path / "*.png"))
    assert f"the pattern {tmp_path}/*.png, of 3 files: give them to" in line
    none = told(lambda: predictor(tmp_path / "*.jpg"))
    assert none == (
        f"{tmp_path}/*.jpg: no file of this name, and none matches the pattern."
    )
    # A file that is named like a pattern is a file.
    assert len(predictor(tmp_path / "a[1].png")) == 1


def test_patterns_are_expanded_as_a_shell_does(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("b.png", "a.png", "a1.png", "a[1].png", ".hidden.png"):
        Path(name).write_bytes(PNG)
    assert matching_files(["*.png"]) == ["a.png", "a1.png", "a[1].png", "b.png"]
    assert matching_files(["./?.png"]) == ["./a.png", "./b.png"]
    assert matching_files(["a[1].png", "b.png"]) == ["a[1].png", "b.png"]
    Path("a[1].png").unlink()
    assert matching_files(["a[1].png"]) == ["a1.png"]
    assert matching_files(["*.jpg", "b.png"]) == ["*.jpg", "b.png"]


def test_the_command_expands_patterns(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for name in ("b.png", "a.png", "c[1].png"):
        Path(name).write_bytes(PNG)
    files = ["[ab].png", "c[1].png", "*.jpg"]
    status = main([*files, "--model", "tiny", "--json", "out.json"])
    results = json.loads(Path("out.json").read_text())
    assert status == 1
    assert [x["file"] for x in results] == [
        "a.png",
        "b.png",
        "c[1].png",
        "*.jpg",
    ]
    assert [len(x["faces"]) for x in results] == [1, 1, 1, 0]
    assert results[3]["error"] == (
        "no file of this name, and none matches the pattern."
    )


def test_batches_of_all_kinds(predictor, tmp_path):
    file = tmp_path / "face.png"
    file.write_bytes(PNG)
    wanted = predictor(PHOTO)
    mixed = [PHOTO, file, str(file), PNG, Image.fromarray(PHOTO)]
    assert predictor.batch(mixed) == [wanted] * 5
    assert predictor.batch(iter(mixed)) == [wanted] * 5
    assert predictor.batch(tmp_path.glob("*.png")) == [wanted]
    assert predictor.batch(np.stack([PHOTO, PHOTO])) == [wanted] * 2
    assert predictor.batch(np.array([str(file)])) == [wanted]


@pytest.mark.parametrize(
    ("photos", "received"),
    [
        ("face.png", "str"),
        (Path("face.png"), "Path"),
        (PNG, "bytes"),
        (io.BytesIO(PNG), "BytesIO"),
        (Image.fromarray(PHOTO), "Image"),
        (PHOTO, "one of shape (160, 160, 3)"),
        (GRAY, "one of shape (160, 160)"),
        ({"a": PHOTO}, "dict"),
        ({"a.png", "b.png"}, "set"),
        (None, "NoneType"),
        (5, "int"),
    ],
    ids=lambda x: x if isinstance(x, str) and len(x) < 30 else "photos",
)
def test_what_is_no_batch_is_told(predictor, photos, received):
    line = told(lambda: predictor.batch(photos))
    assert line.startswith("Expected photos as a list")
    assert received in line


def test_an_error_in_a_batch_names_the_photo(predictor):
    line = told(lambda: predictor.batch([PHOTO, PHOTO / 255]))
    assert line.startswith("Photo 2 of 2: Expected a photo of uint8")
    line = told(lambda: predictor.batch([PHOTO] * 2, [BOX, [[9, 9, 1, 1]]]))
    assert line.startswith("Photo 2 of 2: Expected left < right")


def test_boxes_of_all_kinds(predictor):
    wanted = predictor(PHOTO, BOX)
    for boxes in (BOX.tolist(), [tuple(BOX[0])], iter(BOX), [BOX[0]]):
        assert predictor(PHOTO, boxes) == wanted
    whole = BOX.astype(int)
    assert predictor(PHOTO, whole) == predictor(PHOTO, whole.astype(float))
    for boxes in ([], (), np.empty((0, 4)), iter([])):
        assert predictor(PHOTO, boxes) == []


@pytest.mark.parametrize(
    ("boxes", "message"),
    [
        ({}, "as numbers. Received: {}"),
        ({"left": 1}, "Received: {'left': 1}"),
        (set(), "Received: set()"),
        ("x", "Received: 'x'"),
        (5, "Received: shape ()"),
        ([None], "Received: [None]"),
        ([[1, 2, 3], [4]], "Received: [[1, 2, 3], [4]]"),
        ([["1", "2", "3", "4"]], "as numbers"),
        ([[1j, 2, 3, 4]], "as numbers"),
        ([[False, False, True, True]], "as numbers"),
        ([1, 2, 3, 4], "shape (4,); write [box] for one box"),
        (np.array([["a"] * 40] * 40), "as numbers"),
    ],
    ids=lambda x: "boxes" if not isinstance(x, str) else x.split("[")[0],
)
def test_what_are_no_boxes_is_told(predictor, boxes, message):
    line = told(lambda: predictor(PHOTO, boxes))
    assert line.startswith("Expected boxes (N, 4): left, top, right, bottom")
    assert message in line
    line = told(lambda: predictor.batch([PHOTO, PHOTO], [BOX, boxes]))
    assert line.startswith("Photo 2 of 2: Expected boxes (N, 4)")


def test_some_photos_of_a_batch_may_have_boxes(predictor):
    photos = [PHOTO, PHOTO, PHOTO]
    given, found = predictor(PHOTO, BOX), predictor(PHOTO)
    assert given != found
    assert predictor.batch(photos, [BOX, None, []]) == [given, found, []]
    assert predictor.batch(photos, iter([None, BOX, None])) == [
        found,
        given,
        found,
    ]
    assert predictor.batch([], []) == predictor.batch([]) == []


@pytest.mark.parametrize(
    ("boxes", "received"),
    [
        ([BOX], "1."),
        ([BOX] * 3, "3."),
        ({}, "dict."),
        ({0: BOX, 1: BOX}, "dict."),
        ("xy", "str."),
        (5, "int."),
    ],
    ids=["few", "many", "none", "dict", "text", "number"],
)
def test_boxes_of_another_number_of_photos_are_told(predictor, boxes, received):
    line = told(lambda: predictor.batch([PHOTO, PHOTO], boxes))
    assert line.startswith("Expected boxes for each of 2 photos, as a list")
    assert line.endswith(f"Received: {received}")
