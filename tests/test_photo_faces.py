"""The list of a photo's faces: drawn, written, sent; batches and threads."""

import copy
import csv
import io
import json
import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest

import facemtl
from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.errors import InputError
from facemtl.inference import passes, photo_groups
from facemtl.inference.face import Face
from facemtl.inference.photo_faces import PhotoFaces
from facemtl.photos.encoding import encoded
from facemtl.predict.output import CsvTable, PhotoResult

FACES = synthetic_faces(4, seed=11)
PHOTOS = [np.ascontiguousarray(FACES.images.read(name)) for name in FACES.names]
BOXES = [box[None] for box in FACES.boxes]


@pytest.fixture(scope="module")
def predictor():
    return facemtl.Predictor.load("tiny")


@pytest.fixture(scope="module")
def faces(predictor):
    return predictor(PHOTOS[0], [FACES.boxes[0], FACES.boxes[0] + 3])


def test_the_list_draws_its_photo(faces, tmp_path):
    assert np.shares_memory(faces.photo, PHOTOS[0])
    drawn = faces.draw()
    assert drawn.shape == (480, 480, 3)
    assert (drawn != faces.draw("none")).any()
    assert (drawn != faces.draw("short")).any()
    for name in ("a.png", "a.JPG", "a.webp", "a.bmp", "a.tiff"):
        faces.save(tmp_path / name)
        written = cv2.imread(str(tmp_path / name))[..., ::-1]
        off = np.abs(written.astype(int) - drawn).mean()
        assert off < 3 if name in ("a.JPG", "a.webp") else off == 0
    head = (tmp_path / "a.JPG").read_bytes()[:3]
    assert head == b"\xff\xd8\xff"
    png = cv2.imdecode(np.frombuffer(faces._repr_png_(), "u1"), 1)
    np.testing.assert_array_equal(png[..., ::-1], drawn)


def test_a_notebooks_picture_is_small():
    photo = np.zeros((30, 3000, 3), np.uint8)
    png = PhotoFaces([], photo)._repr_png_()
    assert cv2.imdecode(np.frombuffer(png, "u1"), 1).shape == (10, 1024, 3)


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("a.gif", r"an ending of \.jpg, .*Received: .*a\.gif"),
        ("a", "an ending of"),
        ("missing/../a.png/b.png", "Expected to write"),
    ],
)
def test_what_cannot_be_written_is_told(faces, tmp_path, file, message):
    (tmp_path / "a.png").write_bytes(b"")
    with pytest.raises(InputError, match=message):
        faces.save(tmp_path / file)


def test_formats_with_smaller_limits_say_so(tmp_path):
    wide = PhotoFaces([], np.zeros((2, 17000, 3), np.uint8))
    with pytest.raises(InputError, match="a size that WEBP allows"):
        wide.save(tmp_path / "a.webp")
    wide.save(tmp_path / "a.png")
    with pytest.raises(InputError, match="labels in"):
        wide.draw("some")


def test_the_list_is_a_list(faces):
    plain = list(faces)
    assert faces == plain
    assert type(plain) is list
    assert isinstance(faces[0], Face)
    for some in (faces[:1], faces[1:], faces[:0]):
        assert some.photo is faces.photo
        assert isinstance(some, PhotoFaces)
    assert faces[::-1] == plain[::-1]
    for same in (copy.copy(faces), faces.copy()):
        assert (same, same.photo is faces.photo) == (plain, True)
    assert repr(faces) == repr(plain)


def test_a_pickle_holds_no_pixels(faces):
    sent = pickle.dumps(faces)
    assert len(sent) < 5000
    again = pickle.loads(sent)
    assert again == faces == copy.deepcopy(faces)
    assert again.photo is None
    assert again._repr_png_() is None
    with pytest.raises(InputError, match=r"by face\.draw\(photo\)"):
        again.draw()


def test_a_file_is_read_again_to_draw_it(
    predictor, faces, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    data = encoded(PHOTOS[0], ".png")
    Path("a.png").write_bytes(data)
    named = predictor("a.png", [FACES.boxes[0], FACES.boxes[0] + 3])
    (batched,) = predictor.batch([Path("a.png")], [FACES.boxes[:1]])
    coded = predictor(data, [FACES.boxes[0], FACES.boxes[0] + 3])
    opened = predictor(io.BytesIO(data), FACES.boxes[:1])
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir("elsewhere")
    for some in (named, coded, named[:], pickle.loads(pickle.dumps(named))):
        np.testing.assert_array_equal(some.draw(), faces.draw())
    for some in (batched, opened):
        np.testing.assert_array_equal(some.draw(), faces[:1].draw())
    # No pixels are held.
    for some in (named, batched, coded):
        assert not isinstance(some._photo, np.ndarray)
    assert pickle.loads(pickle.dumps(coded)).photo is None
    (tmp_path / "a.png").write_bytes(encoded(PHOTOS[1][:99], ".png"))
    with pytest.raises(InputError, match=r"a\.png, which has changed since"):
        named.draw()
    (tmp_path / "a.png").unlink()
    with pytest.raises(InputError, match="No such file"):
        named.save("b.png")


def test_rows_are_those_of_the_csv(faces):
    out = io.StringIO()
    with CsvTable(out) as table:
        table.add(PhotoResult("a.jpg", faces))
    rows = list(csv.DictReader(io.StringIO(out.getvalue())))
    listed = faces.to_rows()
    assert [row.pop("file") for row in rows] == ["a.jpg"] * 2
    assert rows == [
        {k: "" if v is None else str(v) for k, v in row.items()}
        for row in listed
    ]
    probabilities = [k for k in rows[0] if k.endswith("probability")]
    assert len(probabilities) == 4 + 2 + 2 + 2 + 5
    assert json.loads(faces.to_json()) == [face.to_dict() for face in faces]


def test_faces_of_many_photos_go_through_the_network_together(
    predictor, monkeypatch
):
    calls = []
    predict = type(predictor.network).predict

    def counted(self, x, **options):
        calls.append(len(x))
        return predict(self, x, **options)

    monkeypatch.setattr(type(predictor.network), "predict", counted)
    looking_once = facemtl.Predictor(predictor.network, second_look=False)
    together = looking_once.batch(PHOTOS, BOXES)
    assert calls == [4]
    looking_once(PHOTOS[0], FACES.boxes)
    assert calls == [4, 4]
    # In parts where crops would take more memory, and groups of photos.
    monkeypatch.setattr(passes, "MOST_BYTES", 3 * 40 * 40)
    assert looking_once.batch(PHOTOS, BOXES) == together
    assert calls == [4, 4, 3, 1]
    monkeypatch.setattr(photo_groups, "LARGEST", 2 * PHOTOS[0].nbytes)
    assert looking_once.batch(PHOTOS, BOXES) == together
    assert calls == [4, 4, 3, 1, 2, 2]
    for faces, photo in zip(together, PHOTOS, strict=True):
        assert np.shares_memory(faces.photo, photo)


def test_broken_photos_are_skipped_on_request(predictor):
    photos = [PHOTOS[0], b"nonsense", "missing.jpg", PHOTOS[1]]
    with pytest.raises(InputError, match=r"Photo 2 of 4: .*bytes, 8 bytes"):
        predictor.batch(photos)
    with pytest.warns(UserWarning, match=r"2 of 4 photos .* photo 2: .*8 byte"):
        batch = predictor.batch(photos, skip_invalid=True)
    assert [bool(faces.error) for faces in batch] == [0, 1, 1, 0]
    assert batch[2] == []
    assert "missing.jpg: No such file" in batch[2].error
    assert (batch[0], batch[3]) == (predictor(PHOTOS[0]), predictor(PHOTOS[1]))
    with pytest.raises(InputError, match=r"Received: .*missing\.jpg"):
        batch[2].draw()
    # Boxes are the caller's own, and are not skipped.
    boxes = [[[9, 9, 1, 1]], None, None, None]
    with pytest.raises(InputError, match=r"Photo 1 of 4: .*left < right"):
        predictor.batch(photos, boxes, skip_invalid=True)
    with pytest.raises(InputError, match="skip_invalid as True or False"):
        predictor.batch(photos, skip_invalid=1)


def test_threads_of_the_runtime_change_no_face(predictor):
    many = facemtl.Predictor.load("tiny", threads=3)
    alone = [predictor(photo) for photo in PHOTOS]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(many, PHOTOS * 4))
    for one, other in zip(together, alone * 4, strict=True):
        assert [f.attributes.keys() for f in one] == [
            f.attributes.keys() for f in other
        ]
        for a, b in zip(one, other, strict=True):
            np.testing.assert_allclose(a.array(), b.array(), atol=1e-3)
    assert pickle.loads(pickle.dumps(many))(PHOTOS[0]) == together[0]


@pytest.mark.parametrize("threads", [0, 257, 1.0, True, "2"])
def test_threads_are_a_number(threads):
    with pytest.raises(InputError, match="whole number, 1 to 256"):
        facemtl.Predictor.load("tiny", threads=threads)


def test_threads_of_tensorflow_are_not_ours(predictor, tmp_path):
    (tmp_path / "a.keras").write_bytes(b"")
    with pytest.raises(InputError, match="that TensorFlow runs"):
        facemtl.load_network(tmp_path / "a.keras", threads=2)
    with pytest.raises(InputError, match="Received: a network that is loaded"):
        facemtl.Predictor(predictor.network, threads=2)
