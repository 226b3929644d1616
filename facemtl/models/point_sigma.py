"""`SigmaFit`: how the spread of heat maps becomes the deviation of points."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from facemtl.arguments import is_number
from facemtl.errors import InputError
from facemtl.layers.streams import is_sequence
from facemtl.models.settings import table
from facemtl.tasks import Task


@dataclass(frozen=True)
class SigmaFit:
    """The arguments of `PointSigma` for one landmarks task.

    Attributes:
        offset: one number per point.
        own: weight of the logarithm of the spread of the point's own map.
        face: weight of the mean logarithm over the maps of the face.
    """

    offset: tuple[float, ...]
    own: float
    face: float

    def to_dict(self) -> dict[str, Any]:
        """Return the arguments, for configuration files."""
        return {**asdict(self), "offset": list(self.offset)}


Sigma = dict[str, SigmaFit]


def checked_sigma(given: Any, tasks: Iterable[Task], landmarks: str) -> Sigma:
    """Return the fit of each landmarks task; None gives an empty result.

    Args:
        given: {task: `SigmaFit` or its dictionary}.
        tasks: tasks of the network.
        landmarks: form of its landmark heads.

    Raises:
        InputError: for another task, dense landmarks, a missing or additional
            argument, or a wrong number of offsets.

    Example:

    >>> from facemtl.tasks import LANDMARKS
    >>> fit = {"offset": [0.0] * 5, "own": 1.0, "face": 0.0}
    >>> checked_sigma({"landmarks": fit}, [LANDMARKS], "heatmap")["landmarks"]
    SigmaFit(offset=(0.0, 0.0, 0.0, 0.0, 0.0), own=1.0, face=0.0)
    """
    maps = landmarks == "heatmap"
    points = {t.name: t for t in tasks if t.kind == "landmarks" and maps}
    fits = table("sigma", given)
    for name, fit in fits.items():
        if name not in points:
            raise InputError(
                "Expected sigma of landmarks with heat maps "
                f"({', '.join(points) or 'none'}). Received: {name!r}."
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
    if (
        not isinstance(fit, Mapping)
        or set(fit) != set(SigmaFit.__annotations__)
        or not is_sequence(fit["offset"])
        or len(fit["offset"]) != task.size
        or not all(map(is_number, [*fit["offset"], fit["own"], fit["face"]]))
    ):
        raise InputError(
            f"Expected sigma of '{task.name}' as offset ({task.size} numbers), "
            f"own and face. Received: {fit!r}."
        )
    offset = tuple(float(x) for x in fit["offset"])
    return SigmaFit(offset, float(fit["own"]), float(fit["face"]))
