"""Faces keep their numbers from frame to frame, and calm down."""

import math

import numpy as np
import pytest

from facemtl.inference.face import Face
from facemtl.video.smoothing import OneEuro
from facemtl.video.tracking import MISSED, Tracker


def face(x, y=0.0, side=50.0):
    return Face((x, y, x + side, y + side), {"nose": (x + 25.0, y + 25.0)})


def test_the_filter_is_that_of_the_paper():
    def alpha(cutoff, step):
        return 1 / (1 + (1 / (2 * math.pi * cutoff)) / step)

    rng = np.random.default_rng(0)
    values, times = rng.normal(size=20).cumsum(), np.arange(20) / 30
    smooth = OneEuro(least_cutoff=1.2, beta=0.4, speed_cutoff=0.9)
    last, speed = values[0], 0.0
    for i, (value, time) in enumerate(zip(values, times, strict=True)):
        if i:
            rate = alpha(0.9, 1 / 30)
            speed = rate * (value - last) * 30 + (1 - rate) * speed
            share = alpha(1.2 + 0.4 * abs(speed), 1 / 30)
            last = share * value + (1 - share) * last
        found = smooth(np.array([value]), time)
        assert found[0] == pytest.approx(last)


def test_points_at_rest_calm_down_and_moving_ones_keep_up():
    rng = np.random.default_rng(0)
    still, raw, calm = Tracker(), [], []
    for i in range(120):
        x = 100 + rng.normal(scale=0.5)
        ((_, shown),) = still([face(x)], i / 30)
        raw.append(x + 25)
        calm.append(shown.points["nose"][0])
    assert np.std(np.diff(calm[30:])) < 0.4 * np.std(np.diff(raw[30:]))
    moving, lag = Tracker(), []
    for i in range(60):
        x = 100 + 2.0 * i  # More than its own width a second
        ((_, shown),) = moving([face(x)], i / 30)
        lag.append(x + 25 - shown.points["nose"][0])
    assert max(lag[10:]) < 0.1 * 50


def test_without_smoothing_faces_are_as_they_were():
    tracker = Tracker(smooth=False)
    for i in range(3):
        ((number, shown),) = tracker([face(10.0 * i)], i / 30)
        assert number == 1
        assert shown == face(10.0 * i)


def test_numbers_stay_whatever_the_order():
    tracker = Tracker()
    assert [n for n, _ in tracker([face(0), face(200)], 0)] == [1, 2]
    assert [n for n, _ in tracker([face(196), face(3)], 0.03)] == [2, 1]
    assert [n for n, _ in tracker([face(400), face(192)], 0.06)] == [3, 2]


def test_a_face_is_missed_for_a_while_and_then_forgotten():
    tracker = Tracker()
    tracker([face(0)], 0)
    for i in range(MISSED):
        assert tracker([], i) == []
    assert tracker([face(2)], 20)[0][0] == 1
    for i in range(MISSED + 1):
        tracker([], 21 + i)
    assert tracker([face(2)], 50)[0][0] == 2
