"""Intervals over seeds and faces: they hold what they promise."""

import numpy as np
import pytest

from facemtl.studies import bootstrap
from facemtl.studies.bootstrap import paired_difference


def drawn(rng, seeds, of_seeds, of_faces=0.5, of_both=1.0, faces=300):
    """Differences without any effect, from three sources of chance."""
    return (
        rng.normal(0, of_seeds, (seeds, 1))
        + rng.normal(0, of_faces, (1, faces))
        + rng.normal(0, of_both, (seeds, faces))
    )


@pytest.mark.slow
@pytest.mark.parametrize("of_seeds", [0.0, 0.5])
@pytest.mark.parametrize("seeds", [2, 3, 5, 12])
def test_chance_alone_is_rarely_taken_for_a_difference(
    seeds, of_seeds, monkeypatch
):
    monkeypatch.setattr(bootstrap, "REPLICATES", 400)
    wrong = 0
    for trial in range(100):
        scores = drawn(np.random.default_rng(trial), seeds, of_seeds)
        found = paired_difference(scores, np.zeros_like(scores), trial)
        wrong += not found.low <= 0 <= found.high
    # 5 are expected; more than 12 come by chance once in a thousand times.
    assert wrong <= 12


def test_a_real_difference_is_found_and_has_its_direction():
    rng = np.random.default_rng(0)
    baseline = drawn(rng, 5, 0.05)
    scores = baseline + 0.5 + rng.normal(0, 0.1, baseline.shape)
    found = paired_difference(scores, baseline)
    assert found.mean == pytest.approx(0.5, abs=0.02)
    assert 0 < found.low < found.mean < found.high < 1
    assert found.verdict(less_is_better=True) == "worse"
    assert found.verdict(less_is_better=False) == "better"
    other = paired_difference(baseline, scores)
    assert other.mean == pytest.approx(-found.mean)
    assert other.verdict(less_is_better=True) == "better"


def test_the_interval_of_many_faces_and_equal_seeds_is_that_of_a_mean():
    faces = np.random.default_rng(1).normal(0, 1, 400)
    scores = np.tile(faces, (4, 1))
    found = paired_difference(scores, np.zeros_like(scores))
    error = faces.std(ddof=1) / np.sqrt(400)
    assert found.high - found.low == pytest.approx(2 * 1.96 * error, rel=0.1)


def test_faces_without_a_label_do_not_count():
    rng = np.random.default_rng(2)
    scores = drawn(rng, 3, 0.1)
    with_missing = np.concatenate([scores, np.full((3, 50), np.nan)], axis=1)
    assert paired_difference(
        with_missing, np.zeros_like(with_missing)
    ) == paired_difference(scores, np.zeros_like(scores))


def test_one_seed_claims_nothing():
    found = paired_difference(np.ones((1, 100)), np.zeros((1, 100)))
    assert (found.mean, found.low, found.high) == (1.0, None, None)
    assert found.verdict(less_is_better=True) == "one seed: no claim"


def test_shapes_must_agree():
    with pytest.raises(ValueError, match=r"one shape.*\(2, 5\).*\(2, 4\)"):
        paired_difference(np.zeros((2, 5)), np.zeros((2, 4)))
