"""When a task starts to over-fit, by TCDCN and by a threshold."""

import pytest

from facemtl.mtl.criteria import (
    tcdcn_criterion,
    threshold_criterion,
)


def test_tcdcn_criterion_by_hand():
    train = [1.0, 0.8, 0.6, 0.5]
    # k = 2: the last three; median 0.6, sum 1.9; least of all 0.5.
    first = 2 * 0.6 / (1.9 - 2 * 0.6)
    second = (0.9 - 0.5) / (0.5 * 0.5)
    found = tcdcn_criterion(train, [9.0, 9.0, 9.0, 0.9], 2, lambda_a=0.5)
    assert found == pytest.approx(first * second)
    assert found == pytest.approx(2.742857, rel=1e-6)
    # The least training loss is that of all epochs, not of the window.
    train = [0.25, 0.8, 0.6, 0.5]
    found = tcdcn_criterion(train, [0.9], 2, lambda_a=1.0)
    assert found == pytest.approx(first * (0.9 - 0.25) / 0.25)
    # k = 3 has an even window: the mean of the middle two.
    train = [1.0, 0.8, 0.6, 0.4]
    found = tcdcn_criterion(train, [0.6], 3, lambda_a=1.0)
    assert found == pytest.approx(2.1 / 0.7 * 0.2 / 0.4)


@pytest.mark.parametrize(
    ("train", "lambda_a"),
    [
        ([1.0, 0.5], 1.0),  # fewer than k + 1 epochs
        ([0.0, 1.0, 1.0, 0.0], 1.0),  # the sum is no more than k medians
        ([1.0, 0.8, 0.0], 1.0),  # a task that is learned to the end
        ([1.0, 0.8, 0.6], 0.0),  # a task without weight
    ],
)
def test_tcdcn_criterion_says_nothing_without_a_trend(train, lambda_a):
    assert tcdcn_criterion(train, [5.0], 2, lambda_a) == 0.0


def test_tcdcn_criterion_is_negative_while_validation_is_better():
    assert tcdcn_criterion([1.0, 0.8, 0.6], [0.5], 2, 1.0) < 0


def test_threshold_criterion_by_hand():
    assert threshold_criterion([1.0]) == 0.0
    assert threshold_criterion([1.0, 0.4, 0.5]) == pytest.approx(0.25)
    assert threshold_criterion([1.0, 0.4, 0.3]) == 0.0
