"""A photo in, its faces out, whatever the photo and the network's format."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError

import cv2
import numpy as np
import pytest
from export_case import own_export, stitched_export, stitched_tflite

import facemtl
from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.detection.detector import FaceDetector
from facemtl.detection.found import Found
from facemtl.errors import InputError
from facemtl.geometry.crops import crop, square_windows, to_photo
from facemtl.inference.runtimes import load_network
from facemtl.photos.photo import as_rgb

FACES = synthetic_faces(6, seed=11)
PHOTO = FACES.images.read(FACES.names[0])
BOX = FACES.boxes[:1]


@pytest.fixture(scope="module")
def predictor():
    return facemtl.Predictor.load(stitched_tflite())


def same(one, other, atol=1e-3):
    a, b = one.to_dict(), other.to_dict()
    assert a["attributes"].keys() == b["attributes"].keys()
    np.testing.assert_allclose(a["box"], b["box"], atol=atol)
    for name, point in a["points"].items():
        np.testing.assert_allclose(point, b["points"][name], atol=atol)


def test_a_face_is_the_networks_answer_in_photo_pixels(predictor):
    looking_once = facemtl.Predictor(predictor.network, second_look=False)
    (face,) = looking_once(PHOTO, BOX)
    windows = square_windows(BOX)
    pixels = crop(PHOTO, windows[0], 40)
    answers = predictor.network.predict(pixels[None])
    points = to_photo(answers["landmarks"], windows)[0]
    for name, point in zip(facemtl.MTFL_TASKS[0].names, points, strict=True):
        np.testing.assert_allclose(face.points[name], point)
    best = answers["pose"][0].argmax()
    pose = face.attributes["pose"]
    assert pose.name == facemtl.MTFL_TASKS[4].names[best]
    assert pose.probability == pytest.approx(answers["pose"][0].max())
    assert sum(pose.probabilities.values()) == pytest.approx(1)
    assert face.box == tuple(BOX[0])
    assert face.score is None
    with pytest.raises(FrozenInstanceError):
        face.score = 1.0


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["model.keras", "saved_model", "model.onnx", "model_int8.tflite"]
)
def test_every_format_gives_the_same_faces(predictor, name):
    other = facemtl.Predictor.load(stitched_export() / name)
    atol = 2.0 if "int8" in name else 0.02
    same(other(PHOTO, BOX)[0], predictor(PHOTO, BOX)[0], atol)


def test_photos_come_in_many_forms(predictor, tmp_path):
    (wanted,) = predictor(PHOTO, BOX)
    png = tmp_path / "face.png"
    cv2.imwrite(str(png), PHOTO[..., ::-1])
    alpha = np.dstack([PHOTO, np.full(PHOTO.shape[:2], 9, np.uint8)])
    for photo in (
        png,
        str(png),
        png.read_bytes(),
        alpha,
        PHOTO.astype(np.uint16) * 257,
    ):
        same(predictor(photo, BOX)[0], wanted)
    same(predictor(PHOTO[..., ::-1], BOX, bgr=True)[0], wanted)
    gray = cv2.cvtColor(PHOTO, cv2.COLOR_RGB2GRAY)
    for photo in (gray, gray[..., None]):
        same(predictor(photo, BOX)[0], wanted)


def test_a_file_is_turned_as_its_exif_says(predictor, tmp_path):
    _, data = cv2.imencode(".jpg", np.rot90(PHOTO)[..., ::-1])
    # Orientation 6: the stored picture is to be turned clockwise.
    exif = bytes.fromhex(
        "ffe1002245786966000049492a00080000000100120103000100000006000000"
        "00000000"
    )
    file = tmp_path / "turned.jpg"
    file.write_bytes(data.tobytes()[:2] + exif + data.tobytes()[2:])
    read = as_rgb(file)
    assert np.abs(read.astype(int) - PHOTO).mean() < 6
    same(predictor(file, BOX)[0], predictor(PHOTO, BOX)[0], atol=1.0)


@pytest.mark.parametrize(
    ("photo", "message"),
    [
        ("https://a.b/c.jpg", "Received the address https://a.b/c.jpg"),
        (".", "Received the folder .: give its photos"),
        ("missing.jpg", "missing.jpg: No such file"),
        (b"nonsense", "the photo's bytes, 8 bytes, is truncated or no image"),
        (np.zeros((4, 4)), "Expected a photo of uint8"),
        (np.zeros((4, 4, 2), np.uint8), r"Received: \(4, 4, 2\)"),
        (np.zeros((0, 4), np.uint8), r"Received: \(0, 4\)"),
        (None, "Received: NoneType"),
    ],
)
def test_what_is_no_photo_is_told_in_a_line(predictor, photo, message):
    with pytest.raises(InputError, match=message) as error:
        predictor(photo, BOX)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("boxes", "message"),
    [
        ([1, 2, 3, 4], r"boxes \(N, 4\).* shape \(4,\)"),
        ([[1, 2, 3]], r"shape \(1, 3\)"),
        ([[9, 2, 3, 4]], r"left < right .* \[9.0, 2.0, 3.0, 4.0\]"),
        ([[0, 0, np.nan, 4]], r"left < right"),
    ],
)
def test_what_is_no_box_is_told_in_a_line(predictor, boxes, message):
    with pytest.raises(InputError, match=message):
        predictor(PHOTO, boxes)


def test_a_batch_gives_each_photo_its_faces(predictor):
    photos = [FACES.images.read(name) for name in FACES.names[:3]]
    boxes = [FACES.boxes[:2], np.empty((0, 4)), FACES.boxes[2:3]]
    batch = predictor.batch(photos, boxes)
    assert [len(faces) for faces in batch] == [2, 0, 1]
    same(batch[0][1], predictor(photos[0], boxes[0])[1])
    same(batch[2][0], predictor(photos[2], boxes[2])[0])
    assert predictor.batch([], []) == []


@pytest.mark.slow
def test_own_tasks_become_points_attributes_and_values():
    predictor = facemtl.Predictor.load(own_export() / "model.onnx")
    (face,) = predictor(PHOTO, BOX)
    assert list(face.points) == ["left eye", "right eye", "chin"]
    assert list(face.attributes) == ["beard"]
    assert list(face.values) == ["yaw"]
    said = json.loads(json.dumps(face.to_dict()))
    assert said["attributes"]["beard"]["class"] in ("none", "some", "full")
    assert said["attributes"]["yaw"] == {"value": round(face.values["yaw"], 4)}


def test_faces_are_found_where_no_box_is_given(predictor):
    (face,) = predictor(PHOTO)
    centre = np.reshape(face.box, (2, 2)).mean(axis=0)
    side = BOX[0, 2] - BOX[0, 0]
    assert np.abs(centre - BOX.reshape(2, 2).mean(axis=0)).max() < 0.2 * side
    assert 0.7 < (face.box[2] - face.box[0]) / side < 1.4
    assert 0.6 <= face.score <= 1
    assert predictor(np.full((90, 120, 3), 200, np.uint8)) == []


def test_large_photos_are_searched_small_and_answered_in_their_pixels():
    large = cv2.resize(PHOTO, None, fx=8, fy=8)
    small = FaceDetector(longest=160)(large)
    (wanted,) = FaceDetector()(PHOTO).boxes
    # Pixels count from 0 at the centre of the first, at either scale. Other
    # pixels move the boxes of the int8 detector by about 1 %.
    np.testing.assert_allclose((small.boxes[0] + 0.5) / 8 - 0.5, wanted, atol=1)


def test_a_detector_keeps_the_largest_faces():
    photo = np.zeros((250, 420, 3), np.uint8)
    photo[:160, :160] = PHOTO
    photo[:240, 170:410] = cv2.resize(PHOTO, None, fx=1.5, fy=1.5)
    every = FaceDetector()(photo)
    assert len(every) == 2
    (box,) = FaceDetector(max_faces=1)(photo).boxes
    assert box.tolist() == every.boxes[0].tolist()
    assert len(FaceDetector(max_faces=9)(photo)) == 2
    for number in (0, 1.5, "1", True):
        with pytest.raises(InputError, match="max_faces as an integer >= 1"):
            FaceDetector(max_faces=number)


@pytest.mark.parametrize("shape", [(1, 1), (3, 3), (1, 5000), (99, 3), (32, 9)])
def test_photos_too_small_for_a_face_have_none(predictor, shape):
    """YuNet itself finds faces of infinite size in them."""
    assert predictor(np.full(shape, 128, np.uint8)) == []


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_turned_faces_are_answered_upright(predictor, turns):
    looking = facemtl.Predictor(predictor.network, FaceDetector(turned=True))
    (wanted,) = looking(PHOTO)
    turned = np.rot90(PHOTO, turns)
    (face,) = looking(turned)
    # Turning what was found in the turned photo gives back the upright one.
    height, width = PHOTO.shape[:2]
    for name, (x, y) in wanted.points.items():
        for _ in range(turns):
            x, y = y, width - 1 - x
            height, width = width, height
        # Turned faces are detected at 96 pixels, so that boxes differ a little,
        # and so do the points of this network, which is not trained.
        side = face.box[2] - face.box[0]
        apart = np.abs(np.array(face.points[name]) - (x, y)).max()
        assert apart < 0.05 * side


@pytest.mark.mtfl
def test_turned_photos_lose_no_accuracy(mtfl_root):
    """NME-box of real faces in quarter turns, in percent."""
    faces = facemtl.read_mtfl(mtfl_root, "train").select(range(0, 9000, 150))
    looking = facemtl.Predictor("tiny", FaceDetector(turned=True))
    errors = np.full((4, len(faces)), np.inf)
    for i, name in enumerate(faces.names):
        photo, points = faces.images.read(name), faces.labels["landmarks"][i]
        side = (faces.boxes[i, 2:] - faces.boxes[i, :2]).max()
        for turn in range(4):
            found = looking(np.rot90(photo, turn))
            for face in found:
                apart = np.linalg.norm(face.array() - points, axis=1).mean()
                errors[turn, i] = min(errors[turn, i], apart / side)
            points = np.stack(
                [points[:, 1], photo.shape[1 - turn % 2] - 1 - points[:, 0]], 1
            )
    detected = np.isfinite(errors) & (errors < 0.1)
    assert detected.mean() > 0.97
    means = [errors[t, detected.all(axis=0)].mean() for t in range(4)]
    np.testing.assert_allclose(means, means[0], rtol=0.05)


def test_a_detector_of_ones_own_is_used(predictor):
    def whole(photo):
        height, width = photo.shape[:2]
        boxes = np.array([[0.0, 0.0, width, height]])
        return Found(boxes, np.ones(1), np.zeros(1, int))

    (face,) = facemtl.Predictor(predictor.network, whole)(PHOTO)
    assert face.box == (0, 0, 160, 160)


@pytest.mark.mtfl
def test_detected_boxes_are_as_good_as_listed_ones(mtfl_root):
    """The constants are those that the benchmark measured."""
    from pathlib import Path

    from facemtl.geometry.box_convention import MTFL_BOXES

    file = Path(facemtl.__file__).parent.parent / "benchmarks"
    measured = json.loads((file / "detector_boxes.json").read_text())
    assert measured["both"]["scale"] == MTFL_BOXES.scale
    assert measured["both"]["shift"] == list(MTFL_BOXES.shift)
    faces = facemtl.read_mtfl(mtfl_root, "test").select(np.arange(40))
    found = 0
    detector = FaceDetector(convention=MTFL_BOXES)
    for name, box in zip(faces.names, faces.boxes, strict=True):
        boxes = detector(faces.images.read(name)).boxes
        if len(boxes):
            off = np.abs(boxes - box).max(axis=1) / (box[2] - box[0])
            found += off.min() < 0.25
    assert found >= 36


def test_load_network_says_what_is_missing(tmp_path):
    with pytest.raises(InputError, match="Expected a run folder"):
        load_network(tmp_path)


def test_threads_may_share_a_predictor():
    predictor = facemtl.Predictor.load("tiny")
    faces = synthetic_faces(12, seed=3)
    photos = [faces.images.read(name) for name in faces.names]
    # Photos of several sizes: the detector keeps that of the last one.
    photos = [photo[: 100 + 5 * i] for i, photo in enumerate(photos)]
    alone = [predictor(photo) for photo in photos]
    assert sum(map(len, alone)) > 6
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(predictor, photos * 5))
    assert together == alone * 5


def test_a_box_beside_the_photo_is_told():
    predictor = facemtl.Predictor.load("tiny")
    photo = np.zeros((50, 60, 3), "uint8")
    assert len(predictor(photo, [[-10, -10, 5, 5], [50, 40, 65, 55]])) == 2
    beside = [[60, 0, 70, 10], [0, 50, 9, 60], [-9, 5, 0, 9]]
    for box in (*beside, [55, 45, 90, 80], [0, 0, 1e7, 1e7], [0, 0, 1e300, 9]):
        with pytest.raises(InputError, match="60 x 50 pixels"):
            predictor(photo, [[1, 1, 9, 9], box])
