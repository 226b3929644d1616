"""Methods that combine the gradients of the tasks to one direction."""

from typing import Any

from facemtl.arguments import checked_choice
from facemtl.mtl.balancing.aligned import AlignedMTL
from facemtl.mtl.balancing.base import Balancing
from facemtl.mtl.balancing.cagrad import CAGrad
from facemtl.mtl.balancing.gradnorm import GradNorm
from facemtl.mtl.balancing.mgda import MGDA
from facemtl.mtl.balancing.pcgrad import PCGrad
from facemtl.mtl.balancing.upgrad import UPGrad

BALANCINGS: dict[str, type[Balancing]] = {
    "pcgrad": PCGrad,
    "cagrad": CAGrad,
    "mgda": MGDA,
    "aligned": AlignedMTL,
    "upgrad": UPGrad,
    "gradnorm": GradNorm,
}

__all__ = [
    "BALANCINGS",
    "MGDA",
    "AlignedMTL",
    "Balancing",
    "CAGrad",
    "GradNorm",
    "PCGrad",
    "UPGrad",
    "named_balancing",
]


def named_balancing(method: str, tasks: int, **options: Any) -> Balancing:
    """Return the method of a name in `BALANCINGS`.

    Args:
        method: the name.
        tasks: K, the number of tasks.
        options: the arguments of its class.

    Raises:
        InputError: for an unknown name.

    Example:

    >>> named_balancing("cagrad", 2, c=0.4).c
    0.4
    """
    checked_choice("balancing", method, list(BALANCINGS))
    return BALANCINGS[method](tasks, **options)
