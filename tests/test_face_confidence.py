"""What a `Face` says of its own confidence, in Python, JSON and CSV."""

import cv2
import numpy as np
import pytest

from facemtl import Predictor, synthetic_faces
from facemtl.inference.face_cells import face_cells
from facemtl.inference.make_face import make_face
from facemtl.pipeline.perturbed import not_faces
from facemtl.tasks import LANDMARKS
from facemtl.tasks.sigma import SigmaFit
from facemtl.training.calibration import fit_limit

FACES = synthetic_faces(4, seed=5)


@pytest.fixture(scope="module")
def predictor():
    return Predictor.load("tiny")


def photo_of(i):
    return FACES.images.read(FACES.names[i])


def test_a_face_is_one_and_the_edge_of_its_photo_is_none(predictor):
    for i in range(len(FACES)):
        photo, box = photo_of(i), FACES.boxes[i]
        side = (box[2] - box[0]) / 3
        # Without a second pass, which would find the face beside the box.
        edge = [[0, 0, side, side]]
        alone = Predictor.load("tiny", second_look=False)
        (face,), (other,) = predictor(photo, [box]), alone(photo, edge)
        assert face.confidence > 0.9
        assert other.confidence < 0.5


def test_deviations_are_in_pixels_of_the_photo(predictor):
    photo, box = photo_of(0), FACES.boxes[0]
    large = cv2.resize(photo, None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR)
    (face,) = predictor(photo, [box])
    # Pixels count from 0 at the centre of the first one.
    (twice,) = predictor(large, [2 * (np.array(box) + 0.5) - 0.5])
    assert list(face.points_sigma) == list(LANDMARKS.names)
    for name, sigma in face.points_sigma.items():
        assert 0.1 < sigma < 0.1 * (box[2] - box[0])
        assert twice.points_sigma[name] == pytest.approx(2 * sigma, rel=0.1)


def test_json_and_csv_have_them(predictor):
    (face,) = predictor(photo_of(1), FACES.boxes[1:2])
    told = face.to_dict()
    assert told["confidence"] == round(face.confidence, 4)
    nose = round(face.points_sigma["nose"], 2)
    assert told["points_sigma"]["nose"] == nose
    cells = face_cells(face)
    assert cells["nose sigma"] == nose
    assert cells["confidence"] == told["confidence"]


def test_networks_without_deviations_give_none():
    points = np.arange(10.0).reshape(5, 2)
    face = make_face((LANDMARKS,), {"landmarks": points}, np.arange(4.0))
    assert face.confidence is None
    assert face.points_sigma == {}
    assert face.to_dict()["confidence"] is None
    assert face_cells(face)["confidence"] is None


def test_the_limit_is_between_faces_and_others():
    rng = np.random.default_rng(0)
    faces, others = rng.normal(-4, 0.5, 500), rng.normal(-2, 0.5, 500)
    fit = fit_limit(SigmaFit((0.0,), 1.0, 0.0), faces, others)
    assert fit.limit == pytest.approx(-3, abs=0.1)
    # Where both are equally frequent, the probability is one half; one
    # standard deviation nearer to the faces it is that of Bayes: e⁴ to 1.
    found = fit.confidence(np.exp([[-3.0], [-3.5]]))
    expected = [0.5, 1 / (1 + np.exp(-4))]
    np.testing.assert_allclose(found, expected, atol=0.1)
    assert fit_limit(fit, others, faces).slope == 0


def test_other_crops_show_at_most_half_of_the_face():
    size = 40
    rows = np.arange(size, dtype="u1")[None, :, None, None]
    image = np.broadcast_to(rows, (1, size, size, 1)).copy()
    for seed in range(8):
        moved, corner = not_faces(image, seed)
        kept = len(np.unique(moved))
        assert kept <= size / 2 or kept == size  # moved along the rows
        assert np.ptp(corner) <= size / 2
