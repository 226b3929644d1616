"""Weights learned from the tasks' uncertainty."""

from collections.abc import Mapping
from typing import Any

from keras import ops

from facemtl.mtl.weighting.fixed import FixedWeighting, stacked


class UncertaintyWeighting(FixedWeighting):
    """Σ λ (exp(-s) loss + s) / 2 with one learned s = ln σ² per task.

    Args, Raises: see `FixedWeighting`; λ multiplies the whole term of a task.

    Example:

    >>> weighting = UncertaintyWeighting(["size"])
    >>> float(weighting.total({"size": 3.0}))
    1.5

    Reference: Kendall, Gal, Cipolla, "Multi-Task Learning Using Uncertainty
    to Weigh Losses", CVPR 2018, equations 7 and 10.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.log_variance = self.add_weight(
            name="log_variance", shape=(len(self.tasks),), initializer="zeros"
        )

    def _terms(self, losses: Mapping[str, Any], training: bool = True) -> Any:
        s = self.log_variance
        loss = stacked(losses, self.tasks)
        return self.factors * 0.5 * (ops.exp(-s) * loss + s)

    def weights_now(self) -> dict[str, float]:
        return self._named(self.factors * 0.5 * ops.exp(-self.log_variance))
