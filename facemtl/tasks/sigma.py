"""`SigmaFit`: what the spread of heat maps says about points and faces."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from facemtl.arguments import is_number
from facemtl.errors import InputError
from facemtl.tasks.task import Task


@dataclass(frozen=True)
class SigmaFit:
    """The confidence of one landmarks task, fitted to validation faces.

    Attributes:
        offset: one number per point; see `facemtl.layers.PointSigma`.
        own: weight of the logarithm of the spread of the point's own map.
        face: weight of the mean logarithm over the maps of the face.
        limit: mean log σ, with σ in sides of the window, at which a crop is a
            face or none with the same probability.
        slope: how fast this probability falls with the mean log σ.
    """

    offset: tuple[float, ...]
    own: float
    face: float
    limit: float = 0.0
    slope: float = 1.0

    def to_dict(self) -> dict[str, Any]:
        """Return all numbers, for configuration files."""
        return {**asdict(self), "offset": list(self.offset)}

    def confidence(self, sigma: np.ndarray) -> np.ndarray:
        """Return the probability that crops show a face.

        Args:
            sigma: (N, P) standard deviations in sides of the window.

        Returns:
            (N,): 1 / (1 + exp(slope (mean log σ - limit))).

        Example:

        >>> fit = SigmaFit((0.0, 0.0), 1.0, 0.0, limit=np.log(0.1), slope=2.0)
        >>> fit.confidence(np.array([[0.1, 0.1], [0.01, 0.01]])).round(2)
        array([0.5 , 0.99])
        """
        height = self.slope * (np.log(sigma).mean(axis=-1) - self.limit)
        return 1 / (1 + np.exp(np.clip(height, -50.0, 50.0)))


Sigma = dict[str, SigmaFit]


def checked_sigma(given: Any, tasks: Iterable[Task]) -> Sigma:
    """Return the fit of each landmarks task; None gives an empty result.

    Args:
        given: {task: `SigmaFit` or its dictionary}.
        tasks: tasks of the network.

    Raises:
        InputError: for another task, a missing or additional argument, or a
            wrong number of offsets.

    Example:

    >>> from facemtl.tasks import LANDMARKS
    >>> fit = SigmaFit((0.0,) * 5, 1.0, 0.0).to_dict()
    >>> checked_sigma({"landmarks": fit}, [LANDMARKS])["landmarks"].own
    1.0
    """
    points = {task.name: task for task in tasks if task.kind == "landmarks"}
    if not isinstance(given, (Mapping, type(None))):
        raise InputError(
            f"Expected sigma as a dictionary. Received: {given!r}."
        )
    fits = dict(given or {})
    for name, fit in fits.items():
        if name not in points:
            raise InputError(
                f"Expected sigma of landmarks ({', '.join(points) or 'none'}). "
                f"Received: {name!r}."
            )
        fits[name] = _checked_fit(points[name], fit)
    return fits


def dictionaries(sigma: Sigma) -> dict[str, Any]:
    """Return the entry of a network's configuration; empty without fits.

    Networks without fits keep the digest that an earlier facemtl wrote.
    """
    fits = {task: fit.to_dict() for task, fit in sigma.items()}
    return {"sigma": fits} if fits else {}


def _checked_fit(task: Task, given: Any) -> SigmaFit:
    fit = given.to_dict() if isinstance(given, SigmaFit) else given
    whole = isinstance(fit, Mapping) and set(fit) == set(_KEYS)
    numbers = []
    if whole and isinstance(fit["offset"], (list, tuple)):
        numbers = [*fit["offset"], *(fit[key] for key in _KEYS[1:])]
    if len(numbers) != task.size + 4 or not all(map(_is_finite, numbers)):
        raise InputError(
            f"Expected sigma of '{task.name}' as offset ({task.size} numbers) "
            f"and the numbers {', '.join(_KEYS[1:])}. Received: {fit!r}."
        )
    offset = tuple(float(x) for x in fit["offset"])
    return SigmaFit(offset, *(float(fit[key]) for key in _KEYS[1:]))


_KEYS = tuple(SigmaFit.__annotations__)


def _is_finite(value: Any) -> bool:
    return is_number(value) and math.isfinite(value)
