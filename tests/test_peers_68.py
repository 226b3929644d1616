"""Peers of 68 points: their faces, scores and tables, without packages."""

import json
from pathlib import Path

import numpy as np
import pytest
from test_convert_points import template_68
from test_normalizer import nme
from test_scores import table

from facemtl.data.csv.reader import read_csv
from facemtl.data.split import split_faces

PEERS = Path(__file__).parent.parent / "benchmarks/peers"


@pytest.fixture(autouse=True)
def peers_path(monkeypatch):
    monkeypatch.syspath_prepend(PEERS)


def some_faces():
    from peers_68 import POINTS

    rng = np.random.default_rng(2)
    truth = 50 + 5 * template_68() + rng.normal(0, 1, (4, 68, 2))
    return table((POINTS,), landmarks=truth)


def test_both_normalizers_are_scored():
    from points68 import scores_of

    faces = some_faces()
    truth = faces.labels["landmarks"]
    predicted = truth + np.random.default_rng(3).normal(0, 2, truth.shape)
    scores = scores_of(faces, predicted)
    corners = nme(truth, predicted, [37], [46]).mean()
    pupils = nme(truth, predicted, range(37, 43), range(43, 49)).mean()
    assert scores["mean_error_eye_corners"] == pytest.approx(corners, abs=1e-4)
    assert scores["mean_error_pupils"] == pytest.approx(pupils, abs=1e-4)


def test_a_predictor_of_68_points_is_measured():
    from peers_68 import POINTS
    from placement import Placement
    from points68 import measured
    from predictors import Predictor

    from facemtl.geometry.crops import CropSpec, square_windows, to_window

    faces = some_faces()
    windows = square_windows(faces.boxes, 0.2)
    truth = iter(to_window(faces.labels["landmarks"], windows))

    class Exact(Predictor):
        crop, tasks = CropSpec(8, "gray", 0.2), (POINTS,)

        def answer(self, crop):
            return {"landmarks": next(truth)}

    photos = [np.zeros((120, 120, 3), np.uint8)] * 4
    found = measured(Exact(), Placement(), faces, photos)
    assert found["scores"]["mean_error_eye_corners"] == pytest.approx(0)
    assert "second_pass" not in found


@pytest.mark.mtfl
def test_the_faces_are_those_that_fit_keeps(mtfl_root):
    from points68 import split

    file = mtfl_root.parent / "POINTS68/labels.csv"
    shown, photos = split(str(file), "val", n=3)
    assert len(photos) == 3
    faces = read_csv(file, tasks_file="points68")
    _, kept = split_faces(faces, 1000, share=0.2)
    assert len(kept) == 335
    assert set(shown.names) <= set(kept.names)


def test_the_tables_are_those_of_the_numbers():
    from points68_table import document

    results = json.loads((PEERS / "points68.json").read_text("utf-8"))
    shown = (PEERS / "points68.md").read_text("utf-8")
    assert document(results) + "\n" == shown
    assert results["faces"] == 335
