"""Faces followed from frame to frame."""

import cv2
import numpy as np
import pytest

from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.detection.detector import FaceDetector
from facemtl.errors import InputError
from facemtl.inference.predictor import Predictor
from facemtl.predict.checks import check_arguments
from facemtl.predict.parser import parser
from facemtl.video.following import FaceFollower, box_around

DRAWN = synthetic_faces(2, seed=11, size=200)
ONE, OTHER = (DRAWN.images.read(name) for name in DRAWN.names)
EMPTY = np.full((300, 500, 3), 90, np.uint8)


class Counting(FaceDetector):
    """Counts its searches."""

    searches = 0

    def __call__(self, photo):
        self.searches += 1
        return super().__call__(photo)


def follower(every=10):
    detector = Counting()
    predictor = Predictor.load("tiny", detector)
    # The predictor copies a detector without a convention.
    return FaceFollower(predictor, every), predictor.detector


def frame(*faces):
    """A frame with drawn faces at their (left, top)."""
    pixels = EMPTY.copy()
    for drawn, left, top in faces:
        pixels[top : top + 200, left : left + 200] = drawn
    return pixels


def moving(count=20):
    return [frame((ONE, 20 + 4 * i, 40 + i)) for i in range(count)]


def test_every_tenth_frame_is_searched():
    follow, detector = follower()
    assert [len(follow(pixels)) for pixels in moving()] == [1] * 20
    assert detector.searches == 2


def test_followed_points_equal_those_of_searched_frames():
    follow, _ = follower()
    every, detector = follower(every=1)
    for pixels in moving():
        (followed,), (searched,) = follow(pixels), every(pixels)
        side = searched.box[2] - searched.box[0]
        apart = np.abs(followed.array() - searched.array()).max()
        assert apart < 0.03 * side
        assert followed.score is not None
    assert detector.searches == 20


def test_a_face_that_leaves_is_searched_at_once():
    follow, detector = follower()
    assert len(follow(frame((ONE, 20, 40)))) == 1
    assert follow(EMPTY) == []
    assert detector.searches == 2
    # Frames without faces are searched.
    assert follow(EMPTY) == []
    assert len(follow(frame((ONE, 250, 60)))) == 1
    assert detector.searches == 4


def test_a_cut_to_another_place_is_searched_at_once():
    follow, detector = follower()
    follow(frame((ONE, 0, 40)))
    (face,) = follow(frame((OTHER, 290, 60)))
    assert face.array()[:, 0].min() > 300
    assert detector.searches == 2


def test_a_new_face_is_found_by_the_next_search():
    follow, _ = follower(every=3)
    counts = [len(follow(frame((ONE, 20, 40)))) for _ in range(2)]
    both = frame((ONE, 20, 40), (OTHER, 270, 60))
    counts += [len(follow(both)) for _ in range(3)]
    assert counts == [1, 1, 1, 2, 2]


def test_a_tilting_face_is_followed():
    follow, _ = follower(every=100)
    apart = []
    for degrees in range(0, 34, 2):
        turn = cv2.getRotationMatrix2D((250, 150), degrees, 1)
        turned = cv2.warpAffine(frame((ONE, 150, 50)), turn, (500, 300))
        (face,) = follow(turned)
        upright = face.array() @ turn[:, :2] + (
            (250, 150) - np.array((250, 150)) @ turn[:, :2]
        )
        apart.append(upright)
    drift = np.abs(np.array(apart) - apart[0]).mean(axis=(1, 2))
    assert drift.max() < 2  # of about 100 pixels of the face


def test_boxes_around_points_are_those_of_the_convention():
    network = Predictor.load("tiny").network
    (face,) = Predictor.load("tiny")(ONE)
    convention = network.box_convention.points
    box = box_around(face.array(), convention)
    moved = box_around(2 * face.array() + [30, 10], convention)
    np.testing.assert_allclose(
        moved, 2 * np.array(box) + [30, 10, 30, 10], atol=1e-6
    )
    side = face.box[2] - face.box[0]
    np.testing.assert_allclose(box, face.box, atol=0.15 * side)


def test_a_network_without_a_convention_searches_every_frame(monkeypatch):
    detector = Counting(convention=None)
    predictor = Predictor.load("tiny", detector)
    monkeypatch.setattr(predictor.network, "box_convention", None)
    follow = FaceFollower(predictor)
    for pixels in moving(3):
        assert len(follow(pixels)) == 1
    assert predictor.detector.searches == 3


@pytest.mark.parametrize("every", [0, -1, 2.5, "10", True])
def test_every_is_a_count(every):
    with pytest.raises(InputError, match="Expected every as an integer >= 1"):
        FaceFollower(Predictor.load("tiny"), every)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--video", "0", "--detect-every", "0"], "--detect-every as an int"),
        (["face.png", "--detect-every", "3"], "--video SOURCE with --detect"),
    ],
)
def test_the_command_checks_its_setting(words, said):
    with pytest.raises(InputError, match=said):
        check_arguments(parser().parse_args(words))
