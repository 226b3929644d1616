"""Which candidates are searched in the other turns."""

import numpy as np
import pytest

from facemtl.detection.detector import FaceDetector
from facemtl.detection.tiles_of_faces import TILE, FaceTiles
from facemtl.detection.turned_faces import (
    FURTHER,
    GROUP,
    LEAST,
    MORE,
    UPRIGHT,
    turned_faces,
)

PHOTO = np.full((300, 900, 3), 90, np.uint8)
SMALL, LARGE = 250**2, 1024**2
ONE, SEVERAL = (TILE, 3 * TILE), (GROUP * TILE, 3 * TILE)
SCORE = 0.6


def candidates(*scores):
    """Boxes of 80 pixels beside each other."""
    rows = np.zeros((len(scores), 15))
    rows[:, 0] = 100 * np.arange(len(scores))
    rows[:, 1:4] = 80
    rows[:, 14] = scores
    return rows


def face(column, score, line=0):
    """A face in the middle of a tile."""
    row = candidates(score)
    row[:, :4] = (TILE * column + 20, TILE * line + 20, 56, 56)
    return row


def searched(rows, answer=None, pixels=SMALL):
    """The shapes of the pictures that were searched, and what was found."""
    shapes = []

    def detect(picture):
        shapes.append(picture.shape[:2])
        return np.empty((0, 15)) if answer is None else answer.copy()

    found = turned_faces(PHOTO, rows, pixels, SCORE, detect)
    return shapes, found


def test_a_face_that_is_surely_upright_is_not_searched_again():
    for scores in ((UPRIGHT,), (UPRIGHT, FURTHER - 0.001)):
        shapes, (rows, turns) = searched(candidates(*scores))
        assert (shapes, len(rows), len(turns)) == ([], 0, 0)


@pytest.mark.parametrize("pixels", [SMALL, LARGE])
def test_nothing_inside_a_sure_face_is_searched(pixels):
    rows = candidates(UPRIGHT, 0.5)
    rows[1, :4] = (30, 100, 30, 30)
    assert searched(rows, pixels=pixels)[0] == []


def test_a_small_photo_is_searched_a_candidate_at_a_time():
    shapes, (rows, _) = searched(candidates(*[0.1] * 9))
    assert shapes == [ONE] * LEAST
    assert len(rows) == 0


def test_a_large_photo_is_searched_for_several_faint_faces_at_a_time():
    rows = candidates(UPRIGHT, *[FURTHER - 0.001] * (GROUP + 1))
    assert searched(rows, pixels=LARGE)[0] == [SEVERAL, ONE]


def test_once_a_face_is_found_faint_candidates_are_left_out():
    shapes, (rows, turns) = searched(
        candidates(0.3, FURTHER - 0.001), face(0, 0.8)
    )
    assert shapes == [ONE]
    assert (turns.tolist(), rows[0, 14]) == ([1], 0.8)


def test_faces_found_do_not_end_the_search():
    shapes, (rows, _) = searched(candidates(*[0.3] * 8), face(0, 0.8))
    assert len(shapes) == len(rows) == 8


def test_each_face_found_lengthens_the_search():
    answers = iter([face(0, 0.8)] * 2 + [np.empty((0, 15))] * 99)
    shapes = []

    def detect(picture):
        shapes.append(picture.shape)
        return next(answers)

    turned_faces(PHOTO, candidates(*[0.3] * 50), SMALL, SCORE, detect)
    assert len(shapes) == 2 + LEAST + 2 * MORE


def test_a_worse_row_than_its_candidate_is_no_face():
    assert len(searched(candidates(0.85), face(0, 0.8))[1][0]) == 0


def test_a_worse_row_than_the_upright_tile_is_no_face():
    rows = np.concatenate([face(1, 0.8), face(3, 0.9)])
    clear = candidates(0.7, 0.1)
    assert len(searched(clear, rows, LARGE)[1][0]) == 0
    rows = np.concatenate([face(1, 0.9), face(3, 0.8)])
    assert searched(clear, rows, LARGE)[1][1].tolist() == [2]


def test_large_tiles_are_cut_out_of_a_half_at_the_same_place():
    photo = np.zeros((801, 801, 3), np.uint8)
    photo[401:, 201:] = 200
    tiles = FaceTiles(photo)
    row = np.zeros((1, 15))
    row[0, :4] = (101, 301, 300, 300)
    (window,) = tiles.windows(row)
    edges = (np.array([201, 401]) - window[:2]) * TILE / window[2]
    dark = tiles.of(window)[..., 0] < 100
    assert window[2] > 4 * TILE
    np.testing.assert_allclose(
        (dark.all(axis=0).sum(), dark.all(axis=1).sum()), edges, atol=1
    )


@pytest.mark.parametrize("shape", [(3, 99), (33, 33), (9, 400)])
def test_candidates_beyond_a_small_photo_are_no_error(shape, monkeypatch):
    detector = FaceDetector(turned=True)
    rows = candidates(0.3)
    rows[0, :4] = (20, 20, 12, 12)
    monkeypatch.setattr(detector, "_rows", lambda *_: rows)
    assert len(detector(np.zeros((*shape, 3), np.uint8))) == 0
