"""What the report of a search computes."""

import numpy as np
import pytest
from search_report_case import hyperband, search

from facemtl.tuning.report.charts import highest
from facemtl.tuning.report.importance import importance
from facemtl.tuning.report.trials import (
    completed,
    full,
    pareto_front,
    ranked,
    shown,
)
from facemtl.tuning.report.values import places


def test_importance_finds_what_was_planted():
    found = importance(hyperband())
    first, second = list(found)[:2]
    assert first == "train.learning_rate"
    assert found[first].mean > 0.3 > 3 * found[second].mean
    assert all(one.spread >= 0 for one in found.values())
    assert found == importance(hyperband())


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


def test_values_are_places_in_their_ranges():
    made = hyperband()
    names = [one["name"] for one in made["space"]]
    found = places(made, made["trials"])
    assert found.shape == (len(made["trials"]), len(names))
    assert np.nanmin(found) >= 0 and np.nanmax(found) <= 1
    row = dict(zip(names, found[0], strict=True))
    values = made["trials"][0]["values"]
    rate = np.log(values["train.learning_rate"] / 0.001) / np.log(30)
    assert row["train.learning_rate"] == pytest.approx(rate)
    assert row["model.width"] == pytest.approx(values["model.width"] - 0.5)
    assert {k for k, x in row.items() if np.isnan(x)} == {*names} - {*values}


@pytest.mark.parametrize(
    ("one", "value", "place"),
    [
        ({"kind": "number", "low": 1, "high": 100, "log": True}, 10, 0.5),
        ({"kind": "number", "low": 1, "high": 100, "log": True}, 500, 1),
        ({"kind": "whole", "low": 2, "high": 2}, 2, 0.5),
        ({"kind": "flag", "choices": []}, True, 1),
        (
            {"kind": "choice", "choices": ["a", "['b', 'c']", "d"]},
            "['b', 'c']",
            0.5,
        ),
        ({"kind": "number", "low": 1, "high": 3}, None, np.nan),
    ],
    ids=["log", "beyond", "point", "flag", "choice", "unused"],
)
def test_place_of_a_value(one, value, place):
    values = {} if value is None else {"a": value}
    made = {"space": [{"name": "a", **one}]}
    found = places(made, [{"values": values}])
    np.testing.assert_allclose(found, [[place]])


def test_one_trial_far_off_does_not_set_the_scale():
    scores = [2.0, 2.1, 2.2, 2.3, 2.4, 99.0]
    assert highest(scores) == 2.4
    assert highest(scores[-2:]) == 99.0
