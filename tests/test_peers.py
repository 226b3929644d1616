"""Peers: their points, boxes and scores, without their packages."""

import json
from pathlib import Path

import numpy as np
import pytest

from facemtl.data.synthetic.faces import synthetic_faces
from facemtl.errors import InputError
from facemtl.geometry.crops import CropSpec
from facemtl.inference.runtimes import load_network
from facemtl.inference.second_pass import Alignment

PEERS = Path(__file__).parent.parent / "benchmarks/peers"
SHAPE = np.array([[0.3, 0.4], [0.7, 0.4], [0.5, 0.6], [0.35, 0.8], [0.65, 0.8]])


@pytest.fixture(autouse=True)
def peers_path(monkeypatch):
    monkeypatch.syspath_prepend(PEERS)


def faces_at(boxes):
    """Faces whose points are one shape in these boxes (N, 4), and photos."""
    faces = synthetic_faces(len(boxes), seed=3)
    side = (boxes[:, 2:] - boxes[:, :2])[:, None]
    faces.labels["landmarks"][:] = boxes[:, None, :2] + side * SHAPE
    return faces, [np.zeros((120, 120, 3), np.uint8)] * len(boxes)


def one_shape():
    """A predictor that always answers the shape."""
    from predictors import Predictor

    class OneShape(Predictor):
        crop, megabytes = CropSpec(8, "rgb"), 0.0

        def answer(self, crop):
            assert crop.shape == self.crop.shape
            return {"landmarks": SHAPE}

    return OneShape()


def test_tilted_faces_are_looked_at_again():
    from accuracy import measured
    from placement import Placement

    boxes = load_network("tiny").box_convention
    turn = Alignment(np.zeros(1), np.exp([0.5j]), 1.0, boxes.points)
    tilted = {"landmarks": turn.points_back(SHAPE[None])[0]}
    predictor = one_shape()
    predictor.looks_again = True
    predictor.box_convention = boxes
    predictor.answer = lambda crop: tilted
    faces, photos = faces_at(synthetic_faces(4, seed=3).boxes)
    scores = measured(predictor, Placement(), faces, photos)
    assert scores["second_look"]["again"] == 100
    # It seems as tilted as before: the first answers stay.
    assert scores["second_look"]["plain"] == scores["plain"]


@pytest.mark.parametrize("parts", ["IBUG_68", "FACE_MESH_468"])
def test_many_points_become_five(parts):
    import many_points

    index = getattr(many_points, parts)
    points = np.zeros((468, 2))
    for place, part in zip(SHAPE, index, strict=True):
        # Round the place, so that only their mean is it.
        around = np.linspace(0, 2 * np.pi, len(part), endpoint=False)
        points[list(part)] = (
            place + (len(part) > 1) * np.c_[np.cos(around), np.sin(around)]
        )
    np.testing.assert_allclose(many_points.five_points(points, index), SHAPE)


def test_a_planted_box_is_found():
    from accuracy import place
    from placement import Placement

    planted = Placement(1.28, x=0.04, y=-0.12)
    listed = synthetic_faces(4, seed=3).boxes
    found, error = place(one_shape(), *faces_at(planted.boxes(listed)))
    for name in ("scale", "x", "y"):
        wanted = getattr(planted, name)
        assert getattr(found, name) == pytest.approx(wanted, abs=0.02)
    assert error < 1


def test_a_rough_search_is_made_exact():
    from placement import Placement, calibrated

    asked = []

    def error(placement):
        asked.append(placement)
        return abs(placement.scale - 1.04) + abs(placement.y - 0.1)

    best, least = calibrated(lambda x: round(error(x), 1), error)
    assert best == Placement(1.04, y=0.1)
    assert least == pytest.approx(0)
    assert len(asked) < 60


def test_a_label_shift_is_taken_off():
    from accuracy import measured
    from placement import Placement

    listed = synthetic_faces(3, seed=3).boxes
    faces, photos = faces_at(Placement().boxes(listed))
    shift = np.array([[0.1, 0], [0, 0.1], [0, 0], [0.1, 0], [0, 0.1]])
    width = (listed[:, 2] - listed[:, 0])[:, None, None]
    faces.labels["landmarks"][:] += width * shift
    scores = measured(one_shape(), Placement(), faces, photos)
    assert scores["plain"]["landmarks"]["mean_error_box"] == pytest.approx(8)
    assert scores["plain"]["landmarks"]["failure_rate_box_5"] == 80
    assert scores["shift_free"]["mean_error_box"] == pytest.approx(0, abs=1e-3)


def test_faces_that_a_detector_misses_are_counted():
    from accuracy import measured_whole
    from placement import Placement

    boxes = Placement().boxes(synthetic_faces(3, seed=3).boxes)
    faces, photos = faces_at(boxes)
    truth = iter(faces.labels["landmarks"])

    class Misses:
        def points(self, photo, box):
            points = next(truth)
            return None if (box == faces.boxes[1]).all() else points

    scores = measured_whole(Misses(), faces, photos)
    assert scores["found"] == scores["plain"]["n"] == 2
    assert scores["plain"]["landmarks"]["mean_error_box"] == 0


def test_all_predictors_are_timed():
    from latency import timed
    from placement import Placement

    boxes = synthetic_faces(3, seed=3).boxes
    _, photos = faces_at(boxes)
    predictors = {"O-Net, torch": one_shape(), "base": one_shape()}
    placements = dict.fromkeys(predictors, Placement())
    times = timed(predictors, placements, photos, boxes)
    assert list(times) == list(predictors)
    assert times["O-Net, torch"]["relative"] == 1


def test_our_networks_are_given_by_name():
    from predictors import ours

    assert list(ours(["a=1.tflite", "b=x=2.tflite"])) == ["a", "b"]
    with pytest.raises(InputError, match="NAME=FILE"):
        ours(["model.tflite"])


def test_a_package_that_is_missing_is_told_in_a_line():
    from onet import carried

    with pytest.raises(InputError, match="the package no-such with file"):
        carried("no_such", "file", "no-such")


def test_the_tables_are_those_of_the_numbers():
    from peer_tables import document

    results = json.loads((PEERS / "peers.json").read_text(encoding="utf-8"))
    shown = (PEERS / "peers.md").read_text(encoding="utf-8")
    assert document(results) + "\n" == shown
    assert results["faces"]["test"] == 1000


def test_a_second_look_has_its_scores_and_time():
    from peer_tables import with_second_looks

    def seen(error, **more):
        points = {"mean_error_box": error}
        return {"plain": {"landmarks": points}, "shift_free": points, **more}

    twice = seen(1.0, again=25.0)
    scores = {x: seen(2.0, second_look=twice) for x in ("val", "test")}
    times = {"milliseconds": 0.5, "relative": 0.25}
    ours = {"relative": 0.2, "second_look": times, "scores": scores}
    peer = {"relative": 1.0, "scores": {x: seen(3.0) for x in scores}}
    parts = with_second_looks({"peer": peer, "ours": ours})
    assert list(parts) == ["peer", "ours", "ours, second pass"]
    second = parts["ours, second pass"]
    assert second["scores"] == {"val": twice, "test": twice}
    assert second["relative"] == 0.25
    assert second["cpu_milliseconds"] is None
    assert parts["ours"] == ours
