"""Facts of the real MTFL data that everything later stands on."""

import hashlib
from functools import cache

import numpy as np
import pytest

from facemtl.data.boxes import derived_boxes
from facemtl.data.faces import Faces
from facemtl.data.mtfl.reader import read_mtfl
from facemtl.data.place_checks import points_outside
from facemtl.data.split import split_faces

pytestmark = pytest.mark.mtfl


@cache
def _read(root, split: str) -> Faces:
    return read_mtfl(root, split)


@pytest.fixture
def train(mtfl_root) -> Faces:
    return _read(mtfl_root, "train")


@pytest.fixture
def testing(mtfl_root) -> Faces:
    return _read(mtfl_root, "test")


def percent(faces: Faces, task: str, size: int) -> np.ndarray:
    counts = np.bincount(faces.labels[task], minlength=size)
    return 100 * counts / len(faces)


def test_training_set(train):
    assert len(train) == 10_000 == len(set(train.names))
    assert train.rows[[0, -1]].tolist() == [
        "training.txt, row 1",
        "training.txt, row 10000",
    ]
    yes_or_male = {"gender": 58, "smile": 56, "glasses": 14}
    for task, expected in yes_or_male.items():
        assert percent(train, task, 2)[0] == pytest.approx(expected, abs=0.5)
    np.testing.assert_allclose(
        percent(train, "pose", 5), [1.4, 11.1, 74.5, 11.1, 2.0], atol=0.06
    )
    points = train.labels["landmarks"]
    assert (points[:, 0, 0] < points[:, 1, 0]).all()


def test_test_set(testing):
    # At least: the official set has 2,995 faces, a part of it 1,000.
    assert len(testing) >= 1000
    sizes = {testing.images.read(n).shape for n in testing.names[:50]}
    assert sizes == {(150, 150, 3)}
    assert (testing.labels["pose"] >= 0).all()


def test_points_equal_those_of_the_box_list(train, mtfl_root):
    lines = (mtfl_root / "trainImageList.txt").read_text().splitlines()
    rows = {line.split()[0].replace("\\", "/"): line.split() for line in lines}
    listed = np.array([rows[name][1:] for name in train.names], float)
    boxes, points = listed[:, [0, 2, 1, 3]], listed[:, 4:].reshape(-1, 5, 2)
    np.testing.assert_array_equal(train.boxes, boxes)
    np.testing.assert_allclose(train.labels["landmarks"], points, atol=1e-5)


def test_no_point_leaves_its_photo(train, testing):
    for faces, step in ((train, 50), (testing, 10)):
        for i in range(0, len(faces), step):
            height, width, _ = faces.images.read(faces.names[i]).shape
            points = faces.labels["landmarks"][i]
            assert points_outside(points, height, width) == ""


def test_derived_boxes_spread_as_the_detectors_do(train):
    derived = derived_boxes(train.labels["landmarks"], train.names)
    for boxes in (train.boxes, derived):
        points = train.labels["landmarks"]
        low, high = points.min(axis=1), points.max(axis=1)
        side = boxes[:, 2] - boxes[:, 0]
        ratio = side / (high - low).max(axis=1)
        np.testing.assert_allclose(
            np.percentile(ratio, [5, 50, 95]), [1.50, 1.78, 2.10], atol=0.02
        )
        middle = (boxes[:, :2] + boxes[:, 2:]) / 2
        offset = ((low + high) / 2 - middle) / side[:, np.newaxis]
        assert (np.percentile(np.abs(offset), 90, axis=0) < 0.1).all()
        np.testing.assert_allclose(
            offset.std(axis=0), [0.055, 0.033], atol=0.002
        )


def test_split_is_stratified(train):
    training, validation = split_faces(train)
    assert (len(training), len(validation)) == (9000, 1000)
    assert not set(training.names) & set(validation.names)
    for task, size in (("pose", 5), ("glasses", 2)):
        np.testing.assert_allclose(
            percent(validation, task, size),
            percent(train, task, size),
            atol=0.11,
        )
        assert percent(validation, task, size).min() > 0


def test_split_is_the_same_everywhere(train):
    _, validation = split_faces(train)
    names = "\n".join(validation.names)
    assert hashlib.sha256(names.encode()).hexdigest()[:8] == "67f1616b"
    order = np.random.default_rng(0).permutation(len(train))
    _, shuffled = split_faces(train.select(order))
    assert set(shuffled.names) == set(validation.names)
