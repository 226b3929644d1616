"""What the report of a search computes."""

import numpy as np
import pytest
from search_report_case import hyperband, search

from facemtl.tuning.report.importance import importance
from facemtl.tuning.report.points import highest
from facemtl.tuning.report.trials import (
    best_so_far,
    completed,
    full,
    pareto_front,
    ranked,
    shown,
)
from facemtl.tuning.report.values import Scale, scales


def test_importance_finds_what_was_planted():
    found = importance(hyperband())
    first, second = list(found)[:2]
    assert first == "train.learning_rate"
    assert found[first].mean > 0.3 > 3 * found[second].mean
    assert all(one.spread >= 0 for one in found.values())
    assert found == importance(hyperband())


def test_best_so_far_is_the_running_minimum():
    trials = completed(hyperband())
    last = [x for x in best_so_far(trials, 9) if x is not None]
    scores = [t["score"] if t["epochs"] == 9 else np.inf for t in trials]
    least = np.minimum.accumulate(scores)
    np.testing.assert_array_equal(last, least[np.isfinite(least)])


@pytest.mark.parametrize("seed", range(5))
def test_pareto_front_is_what_nothing_beats(seed):
    rng = np.random.default_rng(seed)
    points = [tuple(x) for x in rng.integers(0, 9, (40, 2)).tolist()]
    beaten = {
        i
        for i, a in enumerate(points)
        for b in points
        if b[0] <= a[0] and b[1] <= a[1] and a != b
    }
    front = pareto_front(points)
    assert sorted(front) == sorted(set(range(40)) - beaten)
    assert [points[i] for i in front] == sorted(points[i] for i in front)


def test_trials_of_the_most_epochs_come_first():
    trials = completed(hyperband())
    assert [t["order"] for t in trials] == sorted(t["order"] for t in trials)
    assert {t["epochs"] for t in full(trials)} == {9}
    assert ranked(trials)[0]["id"] == hyperband()["best"]
    few = [t for t in trials if t["epochs"] < 9] + full(trials)[:7]
    assert len(shown(search(trials=few))) == len(few)
    assert len(shown(hyperband())) == 12


def test_places_on_axes():
    scale = Scale("a", "a", low=0.001, high=0.1, log=True)
    assert scale.place({"a": 0.01}) == pytest.approx(0.5)
    assert scale.place({"a": 5.0}) == 1 and scale.place({}) is None
    assert scale.ticks() == [
        (pytest.approx(x), label)
        for x, label in [(0, "0.001"), (0.5, "0.01"), (1, "0.1")]
    ]
    flag, lists = (
        next(x for x in scales(hyperband(), []) if x.name == name)
        for name in ("stitched", "model.weight_regularization.layers")
    )
    assert flag.choices == ("false", "true")
    assert lists.place({lists.name: "['fc']"}) == 1
    assert lists.choices[1] == "conv1, conv2"


def test_one_trial_far_off_does_not_set_the_scale():
    scores = [2.0, 2.1, 2.2, 2.3, 2.4, 99.0]
    assert highest([{"score": score} for score in scores]) == 2.4
    assert highest([{"score": score} for score in scores[-2:]]) == 99.0
