"""Scores of confidence: of probabilities, and of the deviations of points."""

from typing import Any

import numpy as np

from facemtl.evaluation.point_scores import percent

BINS = 15
# The median distance of a normal distribution in two dimensions, in its
# standard deviations per axis: (2 log 2)^½.
MEDIAN = float(np.sqrt(2 * np.log(2)))


def reliability(
    labels: np.ndarray, probabilities: np.ndarray, bins: int = BINS
) -> list[dict[str, Any]]:
    """Return the rows of a reliability diagram.

    Args:
        labels: (N,) integers.
        probabilities: (N, K).
        bins: number of equal intervals of the largest probability.

    Returns:
        For each interval with faces: their number `n`, the mean `probability`
        of the predicted class, and the `accuracy`, both in %.

    Example:

    >>> reliability(np.array([0, 0]), np.array([[0.8, 0.2], [0.3, 0.7]]), 1)
    [{'n': 2, 'probability': 75.0, 'accuracy': 50.0}]
    """
    top, right = probabilities.max(1), probabilities.argmax(1) == labels
    place = np.minimum((top * bins).astype(int), bins - 1)
    return [
        {
            "n": int((place == i).sum()),
            "probability": percent(top[place == i]),
            "accuracy": percent(right[place == i]),
        }
        for i in np.unique(place)
    ]


def calibration_error(
    labels: np.ndarray, probabilities: np.ndarray, bins: int = BINS
) -> float:
    """Return the expected calibration error in %.

    ECE = Σ_b n_b / N |accuracy_b - probability_b|, over equal intervals of the
    largest probability.

    Args:
        labels: (N,) integers.
        probabilities: (N, K).
        bins: number of intervals.

    Example:

    >>> calibration_error(np.array([0, 1]), np.array([[0.9, 0.1]] * 2))
    40.0

    Reference: Guo et al., "On Calibration of Modern Neural Networks", ICML
    2017, equation 3.
    """
    rows = reliability(labels, probabilities, bins)
    gaps = [x["n"] * abs(x["accuracy"] - x["probability"]) for x in rows]
    return round(sum(gaps) / max(len(labels), 1), 4)


def score_sigma(
    distances: np.ndarray, sigma: np.ndarray, widths: np.ndarray
) -> dict[str, Any]:
    """Return how well predicted deviations tell the errors of points.

    Args:
        distances: (N, P) distances from the labels in pixels of the photo; NaN
            without a label.
        sigma: (N, P) predicted standard deviations per axis in pixels.
        widths: (N,) widths of the boxes in pixels.

    Returns:
        `sigma_rank_correlation`: Spearman's correlation of both over all
        points, -1 to 1. `sigma_rank_correlation_box`: the same in units of the
        box width, so that the size of a face tells nothing.
        `sigma_within_median`: share of the points, in %, that are within
        1.18 σ, where half of normally distributed points are.

    Example:

    >>> scores = score_sigma(
    ...     np.array([[1.0, 2.0]]), np.array([[1.0, 1.5]]), np.array([50.0])
    ... )
    >>> scores["sigma_rank_correlation"], scores["sigma_within_median"]
    (1.0, 50.0)
    """
    known = np.isfinite(distances)
    width = np.broadcast_to(widths[:, None], distances.shape)[known]
    far, wide = distances[known], sigma[known]
    in_box = rank_correlation(far / width, wide / width)
    return {
        "sigma_rank_correlation": round(rank_correlation(far, wide), 4),
        "sigma_rank_correlation_box": round(in_box, 4),
        "sigma_within_median": percent(far <= MEDIAN * wide),
    }


def rank_correlation(x: np.ndarray, y: np.ndarray) -> float:
    """Return Spearman's rank correlation of two arrays (N,).

    Equal numbers share the mean of their ranks. Returns 0 if all numbers of
    one array are equal.

    Example:

    >>> rank_correlation(np.array([1.0, 2.0, 9.0]), np.array([3.0, 2.0, 1.0]))
    -1.0
    """
    if len(x) < 2 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return 0.0
    return float(np.corrcoef(_ranks(x), _ranks(y))[0, 1])


def rank_auc(high: np.ndarray, low: np.ndarray) -> float:
    """Return the probability that a number of `high` exceeds one of `low`.

    Equal numbers count half: the area under the ROC curve.

    Example:

    >>> rank_auc(np.array([3.0, 2.0]), np.array([1.0, 2.0]))
    0.875
    """
    ranks = _ranks(np.concatenate([high, low]))[: len(high)]
    wins = ranks.sum() - len(high) * (len(high) + 1) / 2
    return float(wins / (len(high) * len(low)))


def _ranks(x: np.ndarray) -> np.ndarray:
    _, place, counts = np.unique(x, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return (last - (counts - 1) / 2)[place]
