"""The second pass: alignment of faces, and which faces it predicts again."""

import json
from pathlib import Path

import numpy as np
import pytest

from facemtl.data.faces import BadRows
from facemtl.data.sources import load_split
from facemtl.evaluation.faces import evaluate_faces, predict_faces
from facemtl.geometry.box_convention import MTFL_BOXES, BoxConvention
from facemtl.geometry.crops import boxes_of, crop, square_windows
from facemtl.inference.predictor import Predictor
from facemtl.inference.runtimes import load_network
from facemtl.inference.second_pass import alignment_of, run_second_pass
from facemtl.tasks import LANDMARKS, SMILE

ROOT = Path(__file__).parent.parent
NAMES = LANDMARKS.names
BOXES = load_network("tiny").box_convention
MTFL = BOXES.points
UPRIGHT = np.array(
    [[[0.27, 0.26], [0.73, 0.26], [0.5, 0.54], [0.3, 0.77], [0.7, 0.77]]]
)


def moved(points, degrees, side, middle):
    """Points of a face that is tilted, resized and moved in its window."""
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)]] * 2)
    turn[1] = np.sin(angle), np.cos(angle)
    return 0.5 + np.array(middle) + side * (points - 0.5) @ turn.T


def test_presets_carry_the_weights_that_were_fitted():
    fitted = json.loads((ROOT / "presets/second_look.json").read_text())
    for preset in ("tiny", "base", "large"):
        boxes = load_network(preset).box_convention
        assert boxes == BOXES
        assert boxes.detector == MTFL_BOXES
        for key in ("middle", "side"):
            weights = dict(zip(NAMES, getattr(boxes.points, key), strict=True))
            for point, (real, imaginary) in fitted["weights"][key].items():
                # One is rounded the other way, for their sum.
                assert abs(weights[point] - complex(real, imaginary)) < 0.0015


@pytest.mark.parametrize("margin", [0.0, 0.2])
def test_an_alignment_is_read_from_points_and_undone(margin):
    seen = 0.5 + (UPRIGHT - 0.5) / (1 + 2 * margin)
    still = alignment_of(seen, MTFL, margin)
    assert still.deviation() < 0.3
    # Moved in units of the box, as the thresholds are.
    shift = np.array([0.18, -0.06]) / (1 + 2 * margin)
    found = alignment_of(moved(seen, 35, 1.2, shift), MTFL, margin)
    assert found.degrees == pytest.approx(35)
    assert abs(found.side[0] / still.side[0]) == pytest.approx(1.2)
    assert found.deviation() == pytest.approx(3.5)
    upright = alignment_of(moved(seen, 0, 1, shift), MTFL, margin)
    assert upright.deviation() == pytest.approx(0.18 / 0.12, abs=0.1)


def test_the_new_window_holds_the_face_as_boxes_do():
    window = np.array([[40.0, 60.0, 100.0]])
    points = moved(UPRIGHT, 35, 1.2, (0.2, -0.1))
    found = alignment_of(points, MTFL)
    new = found.windows(window)
    # A network that sees the new window upright sees the points there:
    there = UPRIGHT - 0.5
    there = 0.5 + there / abs(alignment_of(UPRIGHT, MTFL).side[0])
    there -= alignment_of(there, MTFL).middle.imag[0] * np.array([0, 1])
    back = found.points_back(there)
    np.testing.assert_allclose(back, points, atol=1e-6)
    centre = new[0, :2] + new[0, 2] / 2
    expected = window[0, :2] + 100 * np.array([0.7, 0.4])
    np.testing.assert_allclose(centre, expected, atol=3)
    box = boxes_of(new, margin=0.1)
    np.testing.assert_allclose(square_windows(box, margin=0.1), new)


def test_a_turned_crop_is_the_photo_turned():
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (40, 50, 3)).astype("u1")
    photo = np.kron(noise, np.ones((4, 4, 1), "u1"))  # squares of 4 pixels
    window = np.array([50.0, 40.0, 80.0])
    plain = crop(photo, window, 80, samples=1).astype(int)
    still = crop(photo, window, 80, samples=1, degrees=1e-6).astype(int)
    np.testing.assert_allclose(still, plain, atol=2)
    # A face tilted clockwise by 90 degrees, seen upright.
    quarter = crop(photo, window, 80, samples=1, degrees=90.0).astype(int)
    np.testing.assert_allclose(quarter, np.rot90(plain), atol=2)
    # Nothing but the corner's pixel lies beyond the corner.
    beyond = crop(photo, np.array([-400.0, -400, 300]), 8, degrees=45.0)
    corner = crop(photo, np.array([-0.4, -0.4, 0.8]), 8)
    assert np.ptp(beyond) == 0 and beyond[0, 0] == corner[0, 0]


def some_answers(points):
    smile = np.tile([[0.9, 0.1]], (len(points), 1))
    return {"landmarks": points, "smile": smile}


def test_only_faces_that_lie_otherwise_are_asked_about_again():
    first = np.concatenate(
        [
            UPRIGHT,
            moved(UPRIGHT, 30, 1, (0, 0)),
            moved(UPRIGHT, 0, 1, (0.2, 0)),
            moved(UPRIGHT, -25, 1, (0, 0)),
        ]
    )
    answers = some_answers(first)
    windows = np.tile([[10.0, 20.0, 100.0]], (4, 1))
    asked = []

    def ask(index, where, turns):
        asked.append((index, where, turns))
        # The last one seems to lie worse than before.
        worse = moved(UPRIGHT, 60, 1, (0, 0))
        points = np.concatenate([UPRIGHT, UPRIGHT, worse])
        return {"landmarks": points, "smile": np.tile([[0.2, 0.8]], (3, 1))}

    found = run_second_pass(
        answers, (LANDMARKS, SMILE), BOXES, 0.0, windows, ask
    )
    ((index, where, turns),) = asked
    assert index.tolist() == [1, 2, 3]
    np.testing.assert_allclose(turns, [30, 0, -25], atol=1e-9)
    np.testing.assert_allclose(where[1, 0] - windows[0, 0], 20, atol=2)
    assert found["smile"][:, 1].tolist() == [0.1, 0.8, 0.8, 0.1]
    np.testing.assert_allclose(found["landmarks"][1], first[1], atol=0.01)
    np.testing.assert_array_equal(found["landmarks"][[0, 3]], first[[0, 3]])
    # What was answered first is left alone.
    assert answers["smile"][1, 1] == 0.1


def test_points_of_no_face_are_left_alone():
    """Such as those of a network that has not learned anything yet."""
    answers = some_answers(np.full((2, 5, 2), 0.5))
    windows = np.ones((2, 3))
    found = run_second_pass(
        answers, (LANDMARKS, SMILE), BOXES, 0.0, windows, None
    )
    assert found is answers


@pytest.mark.parametrize(
    ("tasks", "boxes"),
    [
        ((SMILE,), BOXES),
        ((LANDMARKS, SMILE), None),
        ((LANDMARKS, SMILE), BoxConvention(None, MTFL_BOXES)),
    ],
    ids=["no points", "no convention", "none of points"],
)
def test_there_is_none_without_points_or_their_convention(tasks, boxes):
    answers = some_answers(moved(UPRIGHT, 30, 1, (0, 0)))
    found = run_second_pass(answers, tasks, boxes, 0.0, np.ones((1, 3)), None)
    assert found is answers


@pytest.mark.mtfl
def test_tilted_faces_are_answered_about_as_upright_ones(
    mtfl_root, monkeypatch
):
    """By the evaluation, and alike by the Predictor."""
    monkeypatch.syspath_prepend(ROOT / "presets")
    from turned import turned

    network = load_network("tiny")
    faces = load_split(str(mtfl_root), "val", network.tasks, BadRows())
    faces = turned(faces.select(np.arange(0, 1000, 20)), 30)
    errors = [
        evaluate_faces(network, faces, verbose=0, second_look=twice)[
            "landmarks"
        ]["mean_error_box"]
        for twice in (False, True)
    ]
    assert errors[1] < 0.7 * errors[0]
    # Both by default in two passes.
    _, answers = predict_faces(network, faces, verbose=0)
    predictor = Predictor(network)
    for i in range(3):
        photo = faces.images.read(faces.names[i])
        (face,) = predictor(photo, faces.boxes[i : i + 1])
        found = [face.points[name] for name in NAMES]
        np.testing.assert_allclose(found, answers["landmarks"][i], atol=1e-3)
