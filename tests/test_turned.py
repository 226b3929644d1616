"""Tilted faces of the presets' cards: points move with their pixels."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from facemtl import synthetic_faces


@pytest.fixture(autouse=True)
def presets(monkeypatch):
    """The folder `presets/` can be imported from."""
    monkeypatch.syspath_prepend(Path(__file__).parent.parent / "presets")


@pytest.mark.parametrize("degrees", [20, -90])
def test_points_move_with_the_pixels(degrees):
    from turned import turned

    faces = synthetic_faces(2, seed=0)
    tilted = turned(faces, degrees)
    np.testing.assert_array_equal(tilted.boxes, faces.boxes)
    for i, name in enumerate(faces.names):
        before, after = faces.images.read(name), tilted.images.read(name)
        assert after.shape == before.shape
        for old, new in zip(
            faces.labels["landmarks"][i],
            tilted.labels["landmarks"][i],
            strict=True,
        ):
            here = cv2.getRectSubPix(before, (1, 1), tuple(map(float, old)))
            there = cv2.getRectSubPix(after, (1, 1), tuple(map(float, new)))
            np.testing.assert_allclose(there, here, atol=12)
    # The second face is turned to the other side.
    steps = np.diff(tilted.labels["landmarks"][:, :2], axis=1)[:, 0]
    roll = np.degrees(np.arctan2(steps[:, 1], steps[:, 0]))
    steps = np.diff(faces.labels["landmarks"][:, :2], axis=1)[:, 0]
    upright = np.degrees(np.arctan2(steps[:, 1], steps[:, 0]))
    np.testing.assert_allclose(roll - upright, [-degrees, degrees], atol=1e-6)


def test_a_photo_turned_otherwise_has_another_stamp():
    from turned import turned

    faces = synthetic_faces(1, seed=0)
    stamps = {
        turned(faces, x).images.stamp(faces.names[0]) for x in (10, 20, 20)
    }
    assert len(stamps) == 2
