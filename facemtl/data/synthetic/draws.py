"""Reproducible random numbers that depend on seed and index only."""

from collections.abc import Sequence

import numpy as np

LENGTH = 64  # Numbers of each kind per face.


class Draws:
    """Random columns for many faces; each face has an independent stream.

    Every method takes the next numbers of each face's stream and returns (N,)
    float64. The results therefore depend on the order of the calls.

    Args:
        seed: at least 0.
        indices: the indices of the faces, each at least 0.

    Example:

    >>> both = Draws(7, [3, 4]).uniform(0.0, 1.0)
    >>> bool(both[1] == Draws(7, [4]).uniform(0.0, 1.0)[0])
    True
    """

    def __init__(self, seed: int, indices: Sequence[int] | np.ndarray) -> None:
        uniform = np.empty((len(indices), LENGTH))
        normal = np.empty((len(indices), LENGTH))
        for i, index in enumerate(indices):
            rng = stream(seed, int(index))
            rng.random(out=uniform[i])
            rng.standard_normal(out=normal[i])
        np.clip(normal, -2.5, 2.5, out=normal)
        self._uniform = iter(uniform.T)
        self._normal = iter(normal.T)

    def unit(self) -> np.ndarray:
        """Return numbers uniform in [0, 1)."""
        return next(self._uniform)

    def uniform(self, low: float, high: float) -> np.ndarray:
        """Return numbers uniform in [low, high)."""
        return low + (high - low) * self.unit()

    def normal(self, mean: float, deviation: float) -> np.ndarray:
        """Return normal numbers, cut at 2.5 standard deviations."""
        return mean + deviation * next(self._normal)

    def chance(self, probability: float) -> np.ndarray:
        """Return (N,) bool, True with `probability`."""
        return self.unit() < probability

    def choice(self, weights: Sequence[float]) -> np.ndarray:
        """Return (N,) int: 0, 1, ... by relative weight."""
        edges = np.cumsum(weights) / np.sum(weights)
        return np.searchsorted(edges[:-1], self.unit(), side="right")


def stream(seed: int, index: int, part: int = 0) -> np.random.Generator:
    """Return a generator for one face; `part` numbers independent streams."""
    return np.random.Generator(
        np.random.Philox(key=[seed, index], counter=[0, 0, 0, part])
    )
