"""The One-Euro filter: smooth points at rest without lag in motion."""

import math

import numpy as np


class OneEuro:
    """Smooths an array frame by frame.

    x̂ = α x + (1 - α) x̂₋₁ with α = 1 / (1 + 1 / (2π f_c Δt)), where the cutoff
    f_c = f_min + β |ẋ̂| increases with the speed.

    Args:
        least_cutoff: f_min in Hz; lower values smooth more.
        beta: β; higher values lag less. The speed is in units of x per second.
        speed_cutoff: cutoff in Hz of the filter for the speed.

    Example:

    >>> smooth = OneEuro()
    >>> _ = smooth(np.array([0.0]), time=0.0)
    >>> smooth(np.array([1.0]), time=0.04).round(2)
    array([0.21])

    Reference: Casiez et al., "1 € Filter", CHI 2012.
    """

    def __init__(
        self,
        least_cutoff: float = 1.0,
        beta: float = 0.01,
        speed_cutoff: float = 1.0,
    ) -> None:
        self.least_cutoff = least_cutoff
        self.beta = beta
        self.speed_cutoff = speed_cutoff
        self._value: np.ndarray | None = None
        self._speed: np.ndarray | None = None
        self._time = 0.0

    def __call__(self, value: np.ndarray, time: float) -> np.ndarray:
        """Return the smoothed value; `time` is in seconds and increases."""
        if self._value is None or self._speed is None:
            self._value, self._speed = value, np.zeros_like(value)
            self._time = time
            return value
        step = max(time - self._time, 1e-6)
        speed = (value - self._value) / step
        share = _share(np.full_like(value, self.speed_cutoff), step)
        self._speed = share * speed + (1 - share) * self._speed
        cutoff = self.least_cutoff + self.beta * np.abs(self._speed)
        share = _share(cutoff, step)
        self._value = share * value + (1 - share) * self._value
        self._time = time
        return self._value


def _share(cutoff: np.ndarray, step: float) -> np.ndarray:
    """Return α, the weight of the new value."""
    return 1 / (1 + 1 / (2 * math.pi * cutoff * step))
