"""Architectures beside cross-stitch units: layers that share between tasks."""

from facemtl.mtl.architectures.mmoe import MMoE
from facemtl.mtl.architectures.mtan import TaskAttention
from facemtl.mtl.architectures.nddr import NDDR
from facemtl.mtl.architectures.sluice import (
    DepthMixture,
    Sluice,
    SubspaceOrthogonality,
)

__all__ = [
    "NDDR",
    "DepthMixture",
    "MMoE",
    "Sluice",
    "SubspaceOrthogonality",
    "TaskAttention",
]
