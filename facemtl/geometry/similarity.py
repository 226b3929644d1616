"""The similarity transform of one set of points onto another."""

import math
from dataclasses import dataclass

import numpy as np

from facemtl.errors import InputError

# Points within this distance of their mean, in pixels, are one place.
SMALLEST = 1e-6


@dataclass(frozen=True)
class Similarity:
    """Scaling, rotation and shift of points: z becomes `turn` z + `shift`.

    Attributes:
        turn: complex number whose magnitude is the scale, and whose angle is
            the clockwise rotation.
        shift: complex number x + iy.
    """

    turn: complex
    shift: complex

    def matrix(self) -> np.ndarray:
        """Return the (2, 3) matrix, as OpenCV's `warpAffine` takes it.

        Example:

        >>> Similarity(2 + 0j, 3 + 1j).matrix().tolist()
        [[2.0, 0.0, 3.0], [0.0, 2.0, 1.0]]
        """
        a, b = self.turn.real, self.turn.imag
        x, y = self.shift.real, self.shift.imag
        return np.array([[a, -b, x], [b, a, y]]) + 0.0  # No -0.0.

    def window(self, size: int) -> tuple[np.ndarray, float]:
        """Return the window that becomes a square image, for `crop`.

        Args:
            size: width and height of the image in pixels.

        Returns:
            Left, top and side of the window before its rotation, and its
            clockwise rotation in degrees.
        """
        # Pixel centres count from 0, so the image's centre is not size / 2.
        middle = ((size - 1) / 2 * (1 + 1j) - self.shift) / self.turn
        side = size / abs(self.turn)
        degrees = -math.degrees(math.atan2(self.turn.imag, self.turn.real))
        left, top = middle.real - side / 2, middle.imag - side / 2
        return np.array([left, top, side]), degrees


def fit_similarity(points: np.ndarray, targets: np.ndarray) -> Similarity:
    """Return the similarity that moves points nearest to their targets.

    The sum of squared distances is the least possible (Umeyama 1991, without
    reflection).

    Args:
        points: (P, 2) x, y; P is at least 2.
        targets: (P, 2).

    Raises:
        InputError: if all points, or all targets, are one place.

    Example:

    >>> square = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]])
    >>> fit_similarity(square, 3 * square + 5).matrix().round(6).tolist()
    [[3.0, 0.0, 5.0], [0.0, 3.0, 5.0]]
    """
    z, w = points @ np.array([1, 1j]), targets @ np.array([1, 1j])
    from_middle, to_middle = z - z.mean(), w - w.mean()
    for what, offsets in (("points", from_middle), ("targets", to_middle)):
        if len(offsets) < 2 or np.abs(offsets).max() < SMALLEST:
            raise InputError(
                f"Expected {what} at two or more places, to align a face. "
                f"Received: {len(offsets)} at one place."
            )
    # With x + iy, a similarity is one complex factor.
    turn = np.vdot(from_middle, to_middle) / np.vdot(from_middle, from_middle)
    if abs(turn) < SMALLEST:
        raise InputError(
            "Expected points that lie like their targets. Received: points "
            "that no rotation brings nearer to them."
        )
    return Similarity(complex(turn), complex(w.mean() - turn * z.mean()))
