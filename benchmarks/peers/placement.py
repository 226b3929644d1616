"""Where a peer wants the box: a constant scale and shift of the listed one.

Each peer was trained on another detector's boxes. One scale and shift for all
faces, chosen by its error on training faces, gives it boxes of its own kind.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from facemtl.geometry.crops import square_windows

SCALES = (0.7, 0.85, 1.0, 1.2, 1.4, 1.7)
ROUGH_STEPS, EXACT_STEPS = (0.08, 0.04), (0.02,)


@dataclass(frozen=True)
class Placement:
    """A box beside the listed one.

    Attributes:
        scale: its side, in sides of the squared listed box.
        x, y: its centre, to the right and down, in the same unit.
    """

    scale: float = 1.0
    x: float = 0.0
    y: float = 0.0

    def boxes(self, listed: np.ndarray) -> np.ndarray:
        """Square boxes (N, 4) for listed boxes (N, 4), in pixels.

        Example:

        >>> Placement(2, y=0.5).boxes(np.array([[0.0, 0.0, 10.0, 10.0]]))
        array([[-5.,  0., 15., 20.]])
        """
        windows = square_windows(listed)
        side = windows[:, 2:]
        centre = windows[:, :2] + side * (0.5 + np.array([self.x, self.y]))
        half = side * self.scale / 2
        return np.concatenate([centre - half, centre + half], axis=1)

    def moved(self, name: str, step: float) -> "Placement":
        """The same with one number changed; rounded, to be known again."""
        return replace(self, **{name: round(getattr(self, name) + step, 4)})


Error = Callable[[Placement], float]


def calibrated(rough: Error, exact: Error) -> tuple[Placement, float]:
    """The placement of the least error, and that error.

    Args:
        rough: the error on a few faces, to search from far; first for the
            scale alone.
        exact: the error on all faces, for the last step.
    """
    start = min(map(Placement, SCALES), key=rough)
    near, _ = search(rough, start, ROUGH_STEPS)
    return search(exact, near, EXACT_STEPS)


def search(
    error: Error, best: Placement, steps: Sequence[float]
) -> tuple[Placement, float]:
    """Go to the best neighbour in one number after the other.

    Args:
        error: it is asked once for each placement.
        best: where to start.
        steps: each is taken until no number is better for it.
    """
    ask = cache(error)
    for step in steps:
        before = None
        while best != before:
            before = best
            for name in ("scale", "y", "x"):
                beside = [best.moved(name, x) for x in (step, -step)]
                best = min(best, *beside, key=ask)
    return best, ask(best)
