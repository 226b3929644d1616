"""Which candidates are searched in the other turns."""

import numpy as np

from facemtl.detection.turned_faces import FURTHER, TILE, UPRIGHT, turned_faces

PHOTO = np.full((300, 900, 3), 90, np.uint8)


def candidates(*scores):
    """Boxes of 80 pixels beside each other."""
    rows = np.zeros((len(scores), 15))
    rows[:, 0] = 100 * np.arange(len(scores))
    rows[:, 1:4] = 80
    rows[:, 14] = scores
    return rows


def searched(rows, answer=None):
    """The shapes of the pictures that were searched."""
    shapes = []

    def detect(picture):
        shapes.append(picture.shape[:2])
        return np.empty((0, 15)) if answer is None else answer.copy()

    found = turned_faces(PHOTO, rows, PHOTO[..., 0].size, detect)
    return shapes, found


def test_a_face_that_is_surely_upright_is_not_searched_again():
    assert searched(candidates(UPRIGHT)) == ([], [])
    assert searched(candidates(UPRIGHT, FURTHER - 0.001)) == ([], [])


def test_the_best_candidate_is_searched_first_and_alone():
    shapes, found = searched(candidates(0.1, 0.2, FURTHER - 0.001))
    assert shapes == [(TILE, 3 * TILE), (2 * TILE, 3 * TILE)]
    assert found == []


def test_once_a_face_is_found_faint_candidates_are_left_out():
    inside = candidates(0.8)
    inside[:, :4] = (20, 20, 56, 56)
    shapes, found = searched(candidates(0.1, FURTHER - 0.001), inside)
    assert len(shapes) == 1
    ((rows, turn),) = found
    assert (turn, rows[0, 14]) == (1, 0.8)


def test_a_large_photo_is_searched_for_faint_faces_too():
    rows = candidates(UPRIGHT, FURTHER - 0.001)
    pictures = []
    turned_faces(PHOTO, rows, 1024**2, lambda x: pictures.append(x) or rows[:0])
    assert len(pictures) == 1


def test_a_worse_row_than_its_candidate_is_no_face():
    inside = candidates(0.8)
    inside[:, :4] = (20, 20, 56, 56)
    assert searched(candidates(0.85), inside)[1] == []
