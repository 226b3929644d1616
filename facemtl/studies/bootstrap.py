"""Confidence intervals of the difference between two variants."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

REPLICATES = 4000
# The 97.5th percentile of Student's t distribution with 1, 2, … degrees of
# freedom, and of the normal distribution.
STUDENT = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262)
NORMAL = 1.96


@dataclass(frozen=True)
class Difference:
    """The mean of a variant minus the mean of a baseline, with an interval.

    `low` and `high` are None with a single seed, because the spread over seeds
    is unknown.
    """

    mean: float
    low: float | None
    high: float | None

    def verdict(self, less_is_better: bool) -> str:
        """Return `"better"` or `"worse"` if the interval excludes 0, else
        `"no difference shown"`."""
        if self.low is None or self.high is None:
            return "one seed: no claim"
        if self.low <= 0 <= self.high:
            return "no difference shown"
        return "better" if (self.high < 0) == less_is_better else "worse"


def paired_difference(
    scores: np.ndarray, baseline: np.ndarray, seed: int = 0
) -> Difference:
    """Compare two variants over the same seeds and faces.

    The bootstrap resamples seeds and faces at the same time. Resampling a few
    seeds underestimates their spread; Student's t expands it (Hesterberg,
    section 4.2).

    Args:
        scores: (S, N), one row per seed, one column per face; NaN for
            unlabelled faces.
        baseline: scores of the same faces, with the seeds in the same order.
        seed: seed of the resampling.

    Returns:
        The difference and its 95 % percentile interval.

    Raises:
        ValueError: if the shapes differ.

    Example:

    >>> scores = np.random.default_rng(0).normal(size=(5, 1000))
    >>> paired_difference(scores + 1, scores).verdict(less_is_better=True)
    'worse'

    References: Owen, "The pigeonhole bootstrap", Annals of Applied Statistics
    2007; Hesterberg, "What Teachers Should Know About the Bootstrap", The
    American Statistician 2015 (expanded percentile intervals).
    """
    if scores.shape != baseline.shape:
        raise ValueError(
            f"Expected scores of one shape. Received: {scores.shape} and "
            f"{baseline.shape}."
        )
    difference = scores - baseline
    difference = difference[:, ~np.isnan(difference).any(axis=0)]
    seeds, faces = difference.shape
    mean = float(difference.mean())
    if seeds < 2:
        return Difference(mean, None, None)
    by_seed = _drawn_faces(faces, REPLICATES, seed) @ difference.T
    rng = np.random.default_rng([seed, seeds])  # differs from that of the faces
    chosen = rng.integers(seeds, size=(REPLICATES, seeds))
    means = np.take_along_axis(by_seed, chosen, axis=1).mean(axis=1)
    all_seeds = by_seed.mean(axis=1)
    replicates = all_seeds + _expansion(seeds) * (means - all_seeds)
    low, high = np.percentile(replicates, [2.5, 97.5])
    return Difference(mean, float(low), float(high))


@lru_cache(maxsize=4)  # a study uses the same resamples a thousand times
def _drawn_faces(faces: int, replicates: int, seed: int) -> np.ndarray:
    """Return (R, N): the share of each face in each resample of N faces."""
    rng = np.random.default_rng(seed)
    even = np.full(faces, 1 / faces)
    return rng.multinomial(faces, even, replicates) / faces


def _expansion(seeds: int) -> float:
    """Return the factor that corrects the bootstrap's spread over seeds."""
    freedom = seeds - 1
    known = freedom <= len(STUDENT)
    # The Cornish-Fisher expansion is exact to 2 % from here on.
    student = STUDENT[freedom - 1] if known else NORMAL + 2.37 / freedom
    return float(np.sqrt(seeds / freedom) * student / NORMAL)
