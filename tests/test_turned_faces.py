"""Which candidates are searched in the other turns."""

import numpy as np
import pytest

from facemtl.detection.detector import FaceDetector
from facemtl.detection.turn_candidates import FAINT, UPRIGHT
from facemtl.detection.turn_network import NONE, SIZE, Turns
from facemtl.detection.turned_faces import (
    CLEAR,
    FEW,
    LARGE,
    PICTURES,
    SMALL,
    TILE,
    turned_faces,
)

PHOTO = np.full((300, 900, 3), 90, np.uint8)
SIDE = 30  # pixels of a candidate


def candidates(*scores):
    """Boxes beside each other."""
    rows = np.zeros((len(scores), 15))
    rows[:, 0] = 60 * np.arange(len(scores)) % 840
    rows[:, 1] = 10 + 60 * (60 * np.arange(len(scores)) // 840)
    rows[:, 2:4] = SIDE
    rows[:, 14] = scores
    return rows


def face(score, column=0, line=0):
    """A face in the middle of a tile."""
    row = np.zeros((1, 15))
    row[0, :4] = (TILE * column + 29, TILE * line + 29, 38, 38)
    row[0, 14] = score
    return row


def told(chances, places=None):
    """What the network tells, with no face in the photo's middle."""
    chances = np.concatenate([chances, np.eye(NONE + 1)[-1:]])
    everywhere = np.zeros((len(chances), 3))
    if places is not None:
        everywhere[:-1] = places
    return Turns(chances.astype(np.float32), everywhere)


def searched(rows, turns, answers=(), photo=PHOTO, places=None):
    """The shapes of the pictures that were searched, and what was found.

    The network tells the turns given for the tiles that it sees, and no face
    in the last one, the photo's middle.
    """
    shapes, left = [], iter(answers)

    def network(tiles):
        assert tiles.shape == (len(turns) + 1, SIZE, SIZE, 3)
        return told(np.eye(NONE + 1)[np.array(turns, int)], places)

    def detect(picture):
        shapes.append(picture.shape[:2])
        return next(left, np.empty((0, 15)))

    return shapes, turned_faces(photo, rows, network, detect)


def test_a_face_that_is_surely_upright_is_no_candidate():
    shapes, (rows, turns) = searched(candidates(UPRIGHT, 0.1), [NONE])
    assert (shapes, len(rows), len(turns)) == ([], 0, 0)


def test_nothing_inside_a_sure_face_is_a_candidate():
    rows = candidates(UPRIGHT, 0.5)
    rows[1, :4] = (5, 15, 20, 20)
    assert searched(rows, [])[0] == []


def test_the_photos_middle_is_a_candidate_unless_a_sure_face_is_there():
    photo = np.zeros((120, 160, 3), np.uint8)
    photo[:, 20:140] = 200  # the window's pixels alone
    seen = []

    def network(tiles):
        seen.append(tiles)
        return Turns(
            np.zeros((len(tiles), NONE + 1)), np.zeros((len(tiles), 3))
        )

    none = np.empty((0, 15))
    turned_faces(photo, none, network, lambda _: none)
    (tile,) = seen[0]
    assert (tile == 200).mean() > 0.9
    sure = candidates(UPRIGHT)
    sure[0, :4] = (50, 30, 60, 60)
    turned_faces(photo, sure, network, lambda _: none)
    assert len(seen[1]) == 0


@pytest.mark.parametrize("kind", [0, NONE])
def test_upright_faces_and_other_places_are_not_searched_again(kind):
    assert searched(candidates(0.8, 0.1), [kind, kind])[0] == []


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_a_turned_face_is_searched_in_its_turn_alone(turn):
    """In the turned photo, it is where the detector sees it."""
    photo = PHOTO.copy()
    photo[40:52, 80:86] = 255
    (row,) = np.zeros((1, 15))
    row[:4] = (65, 30, 30, 30)
    seen = []

    def detect(picture):
        seen.append(picture.shape[:2])
        y, x = np.nonzero(picture[..., 0] > 172)
        left, right, top, bottom = x.min(), x.max(), y.min(), y.max()
        found = face(0.9)
        found[0, :4] = (
            left - 0.5,
            top - 0.5,
            right - left + 1,
            bottom - top + 1,
        )
        found[0, 4:14] = np.tile([(left + right) / 2, (top + bottom) / 2], 5)
        return found

    def network(tiles):
        return told(np.eye(NONE + 1)[[turn]])

    rows, turns = turned_faces(photo, row[None], network, detect)
    y, x = np.nonzero(np.rot90(photo, turn)[..., 0] > 172)
    wanted = x.min() - 0.5, y.min() - 0.5, np.ptp(x) + 1, np.ptp(y) + 1
    assert (seen, turns.tolist()) == ([(TILE, TILE)], [turn])
    np.testing.assert_allclose(rows[0, :4], wanted, atol=0.8)
    centre = (x.min() + x.max()) / 2, (y.min() + y.max()) / 2
    np.testing.assert_allclose(rows[0, 4:6], centre, atol=0.5)


def test_two_candidates_of_one_face_are_searched_once():
    rows = candidates(0.2, 0.1)
    rows[1, :4] = rows[0, :4] + 2
    assert searched(rows, [1, 1])[0] == [(TILE, TILE)]


def test_candidates_move_to_where_the_network_sees_the_face():
    rows = candidates(0.2, 0.1)  # 60 pixels apart, in windows of 48
    places = np.array([[0.625, 0, 0], [-0.625, 0, 0]])
    assert searched(rows, [1, 1], places=places)[0] == [(TILE, TILE)]


def test_many_faces_share_few_pictures():
    used = [PICTURES[k] for k in (-1, 2, 0)]
    count = sum(lines * columns for lines, columns in used)
    rows = candidates(*[0.1] * count)
    shapes, _ = searched(
        rows, [2] * count, photo=np.zeros((900, 900, 3), np.uint8)
    )
    assert shapes == [(x * SMALL, y * SMALL) for x, y in used]


def test_only_the_likeliest_windows_vote(monkeypatch):
    """Noise has thousands, and each window is compared with each."""
    monkeypatch.setattr("facemtl.detection.turn_candidates.MOST", 2)
    chances = np.zeros((9, NONE + 1))
    chances[:, 2] = 0.5
    chances[[3, 7], 2] = 0.9
    seen = []

    def detect(picture):
        seen.append(picture.shape[:2])
        return np.concatenate([face(0.9), face(0.9, 1)])

    rows, _ = turned_faces(
        PHOTO, candidates(*[0.1] * 9), lambda _: told(chances), detect
    )
    assert seen == [(TILE, 2 * TILE)]
    np.testing.assert_allclose(
        np.sort(rows[:, 0] + rows[:, 2] / 2),
        [PHOTO.shape[1] - 60 * k - 15 for k in (7, 3)],
        atol=1,
    )


def test_a_face_has_the_turn_of_its_tile():
    shapes, (rows, turns) = searched(
        candidates(0.3, 0.2, 0.1), [1, 3, 2], [face(0.9, 1)]
    )
    assert shapes == [(2 * TILE, 2 * TILE)]
    assert (turns.tolist(), rows[0, 14]) == ([3], 0.9)


@pytest.mark.parametrize("score, times", [(CLEAR, 1), (CLEAR - 0.01, 2)])
def test_an_unclear_face_is_searched_in_its_next_turn_too(score, times):
    chances = np.array([[0, 0.5, FAINT * 0.4, 0.4, 0.1]])
    seen = []

    def detect(picture):
        seen.append(picture.shape[:2])
        return face(score)

    def network(tiles):
        return told(chances)

    _, turns = turned_faces(PHOTO, candidates(0.3), network, detect)
    assert seen == [(TILE, TILE)] * times
    assert turns.tolist() == [1, 3][:times]


@pytest.mark.parametrize(
    "scores, times",
    [((0.3,), 1), ((CLEAR - 0.01, 0.3), 1), ((CLEAR, 0.3), 0)],
)
def test_faint_faces_are_searched_only_where_none_is_clear(scores, times):
    chances = np.zeros((len(scores), NONE + 1))
    chances[:, NONE] = 1
    chances[-1] = 0, 0.2, 0, 0, 0.8
    seen = []

    def detect(picture):
        seen.append(picture.shape)
        return np.empty((0, 15))

    turned_faces(PHOTO, candidates(*scores), lambda _: told(chances), detect)
    assert len(seen) == times


@pytest.mark.parametrize("score, times", [(CLEAR, 1), (CLEAR - 0.01, 2)])
def test_faint_faces_are_searched_unless_a_plain_one_is_clear(score, times):
    chances = np.array([[0, 0.9, 0, 0, 0.1], [0, 0, 0.2, 0, 0.8]])
    left = iter([face(score), np.empty((0, 15))])
    seen = []

    def detect(picture):
        seen.append(picture.shape[:2])
        return next(left)

    _, turns = turned_faces(
        PHOTO, candidates(0.3, 0.2), lambda _: told(chances), detect
    )
    assert seen == [(TILE, TILE)] * times
    assert turns.tolist() == [1]


def test_faint_faces_are_not_searched_where_many_are_plain():
    """Even if none of these is clear."""
    plain, faint = [0, 0.9, 0, 0, 0.1], [0, 0.2, 0, 0, 0.8]
    seen = []

    def detect(picture):
        seen.append(picture.shape[:2])
        return np.empty((0, 15))

    def network(_):
        return told(np.array([plain] * (FEW + 1) + [faint]))

    turned_faces(PHOTO, candidates(*[0.3] * (FEW + 2)), network, detect)
    assert seen == [(2 * SMALL, 2 * SMALL), (SMALL, SMALL)]


@pytest.mark.parametrize(
    "score, side, wanted",
    [(0.71, LARGE, [2, 0]), (0.69, LARGE, [2]), (0.71, LARGE - 1, [2])],
)
def test_a_large_upright_face_is_searched_as_its_turned_rival_is(
    score, side, wanted
):
    photo = np.full((600, 900, 3), 90, np.uint8)
    rows = candidates(score)
    rows[0, :4] = (300, 200, side, side)
    answers = [face(0.9), face(0.95)]
    shapes, (found, turns) = searched(rows, [2], answers, photo=photo)
    assert shapes == [(TILE, TILE)] * len(wanted)
    assert turns.tolist() == wanted
    if len(found) == 2:  # In the middle of its tile.
        centre = found[1, :2] + found[1, 2:4] / 2
        np.testing.assert_allclose(centre, (425, 325), atol=6)


def test_an_upright_face_elsewhere_is_no_rival():
    photo = np.full((600, 900, 3), 90, np.uint8)
    rows = candidates(0.9, 0.2)
    rows[0, :4], rows[1, :4] = (20, 20, LARGE, LARGE), (600, 300, 90, 90)
    shapes, (_, turns) = searched(rows, [NONE, 2], [face(0.9)], photo=photo)
    assert (shapes, turns.tolist()) == ([(TILE, TILE)], [2])


def test_a_face_at_a_tiles_edge_or_beyond_the_tiles_is_none():
    at_edge = face(0.9)
    at_edge[0, 0] += TILE / 2
    beyond = face(0.9, 1, 1)
    both = np.concatenate([at_edge, beyond])
    _, (rows, _) = searched(candidates(0.3, 0.2, 0.1), [1, 1, 1], [both])
    assert len(rows) == 0


@pytest.mark.parametrize("shape", [(3, 99), (33, 33), (9, 400)])
def test_candidates_beyond_a_small_photo_are_no_error(shape, monkeypatch):
    detector = FaceDetector(turned=True)
    rows = candidates(0.3)
    rows[0, :4] = (20, 20, 12, 12)
    monkeypatch.setattr(detector, "_rows", lambda *_: rows)
    assert len(detector(np.zeros((*shape, 3), np.uint8))) == 0
