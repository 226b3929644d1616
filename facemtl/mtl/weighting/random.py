"""Random weights of the tasks' losses."""

from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from facemtl.mtl.weighting.fixed import stacked
from facemtl.mtl.weighting.recorded import StepWeighting


class RandomWeighting(StepWeighting):
    """RLW: Σ λ_k K softmax(z)_k loss_k, with z ~ N(0, I) anew in each step.

    The weights sum to K, so that the learning rate of equal weights suits
    them. Validation uses equal weights. A method that is not better than this
    one has learned nothing about the tasks.

    Args: those of `FixedWeighting`, and
        seed: of z, an integer or None.

    Raises: see `FixedWeighting`.

    Example:

    >>> weighting = RandomWeighting(["a", "b"], seed=0)
    >>> total = weighting.total({"a": 1.0, "b": 1.0})
    >>> round(sum(weighting.weights_now().values()), 3)
    2.0

    Reference: Lin et al., "Reasonable Effectiveness of Random Weighting",
    TMLR 2022, arXiv:2111.10603, section 3.
    """

    def __init__(
        self, *args: Any, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.seed_generator = keras.random.SeedGenerator(seed)

    def _terms(self, losses: Mapping[str, Any], training: bool = True) -> Any:
        loss = stacked(losses, self.tasks)
        if not training:
            return self.factors * loss
        z = keras.random.normal((len(self.tasks),), seed=self.seed_generator)
        # Stopped tasks take no share.
        share = self.running * ops.exp(z - ops.max(z))
        share = (
            ops.sum(self.running) * share / ops.maximum(ops.sum(share), 1e-7)
        )
        weights = self.factors * share
        self.record(weights, training)
        return weights * loss
