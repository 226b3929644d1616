"""Faces of many points in tables and pictures."""

from dataclasses import replace

import numpy as np
from test_normalizer import POINTS_68, some_faces
from test_study_gallery import Photos

from facemtl.evaluation.many_points import by_part, margin_round
from facemtl.evaluation.predictions import Predictions
from facemtl.evaluation.report import draw_predictions
from facemtl.inference.drawing import draw_faces
from facemtl.inference.face import Face
from facemtl.studies.report.gallery import draw_gallery


def test_few_points_are_shown_one_by_one():
    points = {f"jaw {i}": {"mean_error_box": 1.0, "n": 3} for i in range(20)}
    assert by_part(points) == points


def test_many_points_are_shown_by_part():
    rng = np.random.default_rng(0)
    errors = rng.uniform(1, 5, 68).tolist()
    points = {
        name: {"mean_error_box": error, "bias_box": {"x": 0.0}}
        for name, error in zip(POINTS_68.names, errors, strict=True)
    }
    points["jaw 1"]["n"] = 2
    parts = by_part(points)
    assert list(parts)[:2] == ["jaw (17 points)", "left brow (5 points)"]
    assert len(parts) == 9
    jaw = parts["jaw (17 points)"]
    assert jaw == {"mean_error_box": sum(errors[:17]) / 17}


def test_crops_of_pictures_hold_the_points_of_most_faces():
    box = np.tile([0.0, 0.0, 100.0, 100.0], (20, 1))
    points = np.tile([50.0, 50.0], (20, 2, 1))
    assert margin_round(points, box, 0.15) == 0.15
    points[:, 0, 1] = 120.0
    points[0, 1] = np.nan
    assert margin_round(points, box, 0.15) == 0.25
    points[1] = 900.0  # one face that is labelled elsewhere
    assert margin_round(points, box, 0.15) == 0.25
    assert margin_round(points[:0], box[:0], 0.15) == 0.15


def test_dots_of_many_points_leave_the_face_to_see():
    rng = np.random.default_rng(1)
    photo = np.zeros((480, 480, 3), np.uint8)

    def drawn(n):
        points = {f"p{i}": tuple(rng.uniform(100, 380, 2)) for i in range(n)}
        face = Face((90.0, 90.0, 390.0, 390.0), points)
        plain = draw_faces(photo, [Face((90.0, 90.0, 390.0, 390.0), {})])
        return (draw_faces(photo, [face]) != plain).any(axis=2).sum() / n

    assert drawn(68) < 0.5 * drawn(5)


def test_a_gallery_of_many_points_has_small_rings():
    faces, predicted = some_faces(POINTS_68, 3)
    one = Predictions(
        faces.tasks, faces.names, faces.boxes, faces.labels, predicted
    )
    page = draw_gallery(Photos(), {"a": one}, 1)
    assert page.count('r="1.8" class="ring"') == 3 * 68


def test_pictures_of_many_points_show_the_chin(tmp_path, monkeypatch):
    from matplotlib.axes import Axes

    shown = []
    plot = Axes.plot

    def recorded(self, x, y, *args, **options):
        line = plot(self, x, y, *args, **options)
        shown.append((len(x), options["ms"]))
        return line

    monkeypatch.setattr(Axes, "plot", recorded)
    faces, predicted = some_faces(POINTS_68, 1)
    faces = replace(faces, images=Photos())
    faces.labels["landmarks"][:, 8, 1] = 125.0  # a chin far below the box
    draw_predictions(faces, predicted, tmp_path / "faces.png", 1, 1)
    # Points outside of the crop would be left out.
    ((number, size), _) = shown
    assert number == 68 and size < 5
