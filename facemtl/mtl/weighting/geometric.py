"""The geometric mean of the tasks' losses."""

from collections.abc import Mapping
from typing import Any

from keras import ops

from facemtl.mtl.weighting.fixed import stacked
from facemtl.mtl.weighting.recorded import StepWeighting

TINY = 1e-12


class GeometricLoss(StepWeighting):
    """GLS: Π loss_k^(λ_k / Σ λ), the geometric mean of the losses.

    It does not change if all losses of a task are scaled by a factor, except
    for this factor. Losses must be positive: below 1e-12, they have no
    gradient.

    Args, Raises: see `FixedWeighting`.

    Example:

    >>> round(float(GeometricLoss(["a", "b"]).total({"a": 4.0, "b": 1.0})), 3)
    2.0

    Reference: Chennupati et al., "MultiNet++: Multi-Stream Feature Aggregation
    and Geometric Loss Strategy for Multi-Task Learning", CVPRW 2019,
    arXiv:1904.08492, equation 3.
    """

    def total(self, losses: Mapping[str, Any], training: bool = True) -> Any:
        loss = ops.maximum(stacked(losses, self.tasks), TINY)
        power = self.factors / ops.maximum(ops.sum(self.factors), TINY)
        total = ops.exp(ops.sum(power * ops.log(loss)))
        self.record(total * power / loss, training)
        return total
