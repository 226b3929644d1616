"""The web page follows faces: when it searches, keeps and loses them."""

import numpy as np
import pytest
from node_case import node

from facemtl.video.smoothing import OneEuro

pytestmark = pytest.mark.npm
# Each picture is {faces: [{x, confidence}]}: squares of 20 pixels at x. The
# detector finds them all, or those of `seen`; the network sees what is nearest.
PROGRAM = """
import { Follower } from "./follower.js";
const boxOf = ({ x }) => [x, 0, x + 20, 20];
const searches = [];
const detector = { async search(picture) {
  searches.push(picture.time);
  return (picture.seen ?? picture.faces).map((face) => ({ box: boxOf(face) }));
} };
const network = { async answer(picture, box) {
  const far = (face) => Math.abs(face.x - box[0]);
  const [face] = [...picture.faces].sort((a, b) => far(a) - far(b));
  const is = face && far(face) < 20;
  return { box, points: { nose: [is ? face.x + 10 : 0, 10] }, sigma: {},
    confidence: is ? face.confidence : 0.01,
    next: given.places && is ? boxOf(face) : undefined };
} };
const follower = new Follower(network, detector);
const shown = [];
for (const picture of given.pictures) {
  const faces = await follower.next(picture, picture.time);
  shown.push(faces.map(({ number, points }) => [number, points.nose[0]]));
}
tell({ searches, shown });
"""


def follow(pictures, places=True):
    """(times of searches, {number of each face: x of its nose} by picture)."""
    timed = [{"time": i / 10, **x} for i, x in enumerate(pictures)]
    found = node(PROGRAM, {"pictures": timed, "places": places})
    return found["searches"], [dict(faces) for faces in found["shown"]]


def face(x, confidence=0.99):
    return {"x": x, "confidence": confidence}


def test_a_moving_face_is_searched_now_and_then_and_smoothed():
    places = [100 + 4 * i for i in range(12)]
    searches, shown = follow([{"faces": [face(x)]} for x in places])
    assert searches == pytest.approx([0, 0.5, 1.0])
    assert all(list(faces) == [1] for faces in shown)
    smooth = OneEuro(least_cutoff=1.5, beta=3.0)
    for i, (x, faces) in enumerate(zip(places, shown, strict=True)):
        calm = smooth(np.array([(x + 10) / 20]), i / 10) * 20
        assert faces[1] == pytest.approx(calm.item())


def test_a_face_that_is_gone_ends_at_once_and_others_keep_their_numbers():
    both = {"faces": [face(0), face(100)]}
    one = {"faces": [face(100)]}
    searches, shown = follow([both, both, one, one, both])
    assert [sorted(faces) for faces in shown] == [
        [1, 2],
        [1, 2],
        [2],
        [2],
        [2],  # The next search is half a second after the last.
    ]
    assert searches == pytest.approx([0, 0.3])
    searches, shown = follow([both, one, *[one] * 6, both])
    assert sorted(shown[-1]) == [1, 2], "a free number is given again"
    assert shown[-1][1] < 20


def test_what_the_detector_misses_three_times_is_no_face():
    pictures = [{"faces": [face(0)]}, *[{"faces": [face(0)], "seen": []}] * 20]
    _, shown = follow(pictures)
    ends = [i for i, faces in enumerate(shown) if not faces]
    assert ends[0] == 15
    assert shown[14]


def test_a_doubtful_detection_is_not_shown():
    _, shown = follow([{"faces": [face(0, 0.4), face(60)]}] * 3)
    assert [list(faces.values()) for faces in shown] == [[70]] * 3


def test_two_tracks_on_one_face_become_one():
    apart = {"faces": [face(0), face(16)]}
    together = {"faces": [face(14)]}
    _, shown = follow([apart, together, together])
    assert [len(faces) for faces in shown] == [2, 1, 1]


def test_without_a_box_of_the_points_every_picture_is_searched():
    searches, shown = follow([{"faces": [face(5 * i)]} for i in range(4)], 0)
    assert len(searches) == 4
    assert all(list(faces) == [1] for faces in shown)


def test_no_face_is_no_face():
    searches, shown = follow([{"faces": []}] * 3)
    assert len(searches) == 3
    assert shown == [{}] * 3
