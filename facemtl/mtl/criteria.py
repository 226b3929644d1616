"""When a task is to be stopped: indices of its losses so far."""

import math
from collections.abc import Sequence

import numpy as np

from facemtl.arguments import checked_count, checked_number


def tcdcn_criterion(
    train: Sequence[float],
    validation: Sequence[float],
    window: int,
    lambda_a: float,
) -> float:
    """Return TCDCN's index of a task, which is stopped if it exceeds ε.

    [k med(E_tr)] / [Σ E_tr - k med(E_tr)]
        x [E_val(t) - min E_tr] / [λ_a min E_tr],

    with sum and median over t - k … t and the minimum over 1 … t.

    Args:
        train: the task's training loss in each epoch so far.
        validation: the task's validation loss in each epoch so far.
        window: k.
        lambda_a: the task's weight.

    Returns:
        The index; 0 if there are fewer than k + 1 epochs or a denominator is
        not positive.

    Example:

    >>> tcdcn_criterion([1.0, 0.5, 0.5, 0.5], [1.0, 0.9, 0.8, 1.0], 3, 1.0)
    1.5

    Reference: Zhang et al., ECCV 2014, equation 6.
    """
    if len(train) < window + 1:
        return 0.0
    recent = np.asarray(train[-window - 1 :])
    flat = window * float(np.median(recent))
    trend, least = float(recent.sum()) - flat, float(min(train))
    if trend <= 0 or least <= 0 or lambda_a <= 0:
        return 0.0
    gap = validation[-1] - least
    return flat / trend * gap / (lambda_a * least)


def threshold_criterion(validation: Sequence[float]) -> float:
    """Return the relative excess of the validation loss over its minimum.

    Example:

    >>> round(threshold_criterion([1.0, 0.5, 0.6]), 3)
    0.2
    """
    least = min(validation)
    return (validation[-1] - least) / max(least, 1e-12)


def epochs_since_best(values: Sequence[float], min_delta: float = 0.0) -> int:
    """Return how many epochs ago the last improvement was; lower is better.

    A value that is not a number is no improvement.

    Args:
        values: the value in each epoch so far.
        min_delta: an improvement is larger than this.

    Example:

    >>> epochs_since_best([1.0, 0.5, 0.6, 0.7])
    2
    """
    best, place = math.inf, -1
    for i, value in enumerate(values):
        if value < best - min_delta:
            best, place = value, i
    return len(values) - 1 - place


class TCDCN:
    """TCDCN's criterion, for `TaskwiseStopping(criterion=TCDCN(...))`.

    Args:
        window: k, the number of epochs whose trend counts.
        epsilon: ε, the index above which a task is stopped, at least 0.

    Raises:
        ValueError: for numbers out of range.

    Example:

    >>> stop = TCDCN(window=3, epsilon=1.0)
    >>> stop([1.0, 0.5, 0.5, 0.5], [1.0, 0.9, 0.8, 1.0], 1.0) > stop.limit
    True
    """

    def __init__(self, window: int = 5, epsilon: float = 5.0) -> None:
        self.window = checked_count("window", window)
        self.limit = checked_number("epsilon >= 0", epsilon, lambda x: x >= 0)

    def __call__(
        self, train: Sequence[float], watched: Sequence[float], lambda_a: float
    ) -> float:
        return tcdcn_criterion(train, watched, self.window, lambda_a)


class Threshold:
    """Stop a task whose validation loss is too far over its minimum.

    Args:
        limit: the relative excess above which a task is stopped, at least 0.

    Raises:
        ValueError: for a number out of range.

    Example:

    >>> stop = Threshold(0.1)
    >>> losses = [1.0, 0.5, 0.52, 0.6]
    >>> [stop([], losses[:n], 1.0) > stop.limit for n in (2, 3, 4)]
    [False, False, True]
    """

    def __init__(self, limit: float = 0.1) -> None:
        self.limit = checked_number("limit >= 0", limit, lambda x: x >= 0)

    def __call__(
        self, train: Sequence[float], watched: Sequence[float], lambda_a: float
    ) -> float:
        return threshold_criterion(watched)


class Patience:
    """Stop a task that has not improved for `patience` epochs.

    Args:
        patience: the number of epochs, at least 1.
        min_delta: an improvement is larger than this, at least 0.

    Raises:
        ValueError: for numbers out of range.

    Example:

    >>> stop = Patience(2)
    >>> losses = [1.0, 0.5, 0.6, 0.6]
    >>> [stop([], losses[:n], 1.0) > stop.limit for n in (2, 3, 4)]
    [False, False, True]
    """

    def __init__(self, patience: int = 5, min_delta: float = 0.0) -> None:
        # The index is a number of epochs: it is over this from `patience` on.
        self.limit = checked_count("patience", patience) - 0.5
        self.min_delta = checked_number(
            "min_delta >= 0", min_delta, lambda x: x >= 0
        )

    def __call__(
        self, train: Sequence[float], watched: Sequence[float], lambda_a: float
    ) -> float:
        return float(epochs_since_best(watched, self.min_delta))
