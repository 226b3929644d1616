"""Weights learned so that all weighted losses have one size."""

from collections.abc import Mapping
from typing import Any

from keras import ops

from facemtl.mtl.weighting.fixed import FixedWeighting, stacked


class IMTLWeighting(FixedWeighting):
    """IMTL-L: Σ λ (exp(s) loss - s) with one learned s per task.

    At the optimum of s, exp(s) loss = 1 for every task.

    Args, Raises: see `FixedWeighting`; λ multiplies the whole term of a task.

    Example:

    >>> weighting = IMTLWeighting(["size", "parity"])
    >>> float(weighting.total({"size": 3.0, "parity": 1.0}))
    4.0

    Reference: Liu et al., "Towards Impartial Multi-task Learning", ICLR 2021,
    section 3.2 (the loss balance; IMTL-G, for gradients, is not here).
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.log_scale = self.add_weight(
            name="log_scale", shape=(len(self.tasks),), initializer="zeros"
        )

    def _terms(self, losses: Mapping[str, Any], training: bool = True) -> Any:
        s = self.log_scale
        loss = stacked(losses, self.tasks)
        return self.factors * (ops.exp(s) * loss - s)

    def weights_now(self) -> dict[str, float]:
        return self._named(self.factors * ops.exp(self.log_scale))
