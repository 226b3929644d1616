"""Weights that let the tasks' log losses fall at the same rate."""

from collections.abc import Mapping
from typing import Any

from keras import ops

from facemtl.arguments import checked_number
from facemtl.mtl.weighting.fixed import stacked
from facemtl.mtl.weighting.recorded import StepWeighting

TINY = 1e-8


class FAMOWeighting(StepWeighting):
    """FAMO: Σ c z_k ln loss_k, with z = softmax(ξ), c = 1 / Σ (z_k / loss_k).

    After each step, ξ ← ξ - β (δ + γ ξ), where δ is the gradient of
    Σ z_k (ln loss_k(t) - ln loss_k(t + 1)) with respect to ξ. Tasks whose loss
    fell less get more weight. No gradients of single tasks are needed.

    Here the losses of t + 1 are those of the next batch; the authors' code
    computes them on the same batch, by a second forward pass, and steps by
    Adam. The weights are multiplied by K, so that they sum to K.

    Args: those of `FixedWeighting`, and
        rate: β, at least 0.
        decay: γ, at least 0.

    λ multiplies a task's weight. Losses must be positive.

    Raises:
        ValueError: as `FixedWeighting`, or for a negative rate or decay.

    Example:

    >>> famo = FAMOWeighting(["a", "b"])
    >>> for b in (2.0, 1.0, 0.5):
    ...     total = famo.total({"a": 2.0, "b": b})
    >>> weights = famo.weights_now()  # of ln loss: c z / loss
    >>> z = [loss * weights[task] for task, loss in {"a": 2, "b": 0.5}.items()]
    >>> z[0] > z[1]
    True

    Reference: Liu et al., "FAMO: Fast Adaptive Multitask Optimization",
    NeurIPS 2023, arXiv:2306.03792, algorithm 1.
    """

    def __init__(
        self,
        *args: Any,
        rate: float = 0.025,
        decay: float = 1e-3,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.rate = checked_number("rate >= 0", rate, lambda x: x >= 0)
        self.decay = checked_number("decay >= 0", decay, lambda x: x >= 0)
        shape = (len(self.tasks),)
        self.xi = self.add_weight(
            name="xi", shape=shape, initializer="zeros", trainable=False
        )
        # ln loss of the step before, and whether there was one.
        self.before = self.add_weight(
            name="log_before", shape=shape, initializer="zeros", trainable=False
        )
        self.started = self.add_weight(
            name="started", shape=(), initializer="zeros", trainable=False
        )

    def _terms(self, losses: Mapping[str, Any], training: bool = True) -> Any:
        loss = ops.maximum(stacked(losses, self.tasks), TINY)
        log_loss = ops.log(loss)
        if training:
            self._update(ops.stop_gradient(log_loss))
        z = self._shares()
        held = ops.stop_gradient(loss)
        c = ops.sum(self.running) / ops.maximum(ops.sum(z / held), TINY)
        weights = self.factors * c * z
        self.record(weights / held, training)
        return weights * log_loss

    def _shares(self) -> Any:
        """Return softmax(ξ) over the tasks that run: (K,)."""
        powers = self.running * ops.exp(self.xi - ops.max(self.xi))
        return powers / ops.maximum(ops.sum(powers), TINY)

    def _update(self, log_loss: Any) -> None:
        """Step ξ by the change of the log losses since the last step."""
        fall = self.started * (self.before - log_loss)
        z = self._shares()
        delta = z * (fall - ops.sum(z * fall))
        self.xi.assign(self.xi - self.rate * (delta + self.decay * self.xi))
        self.before.assign(log_loss)
        self.started.assign(ops.ones(()))
