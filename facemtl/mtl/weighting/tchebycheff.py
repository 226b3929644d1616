"""A smooth maximum of the tasks' losses."""

from collections.abc import Mapping
from typing import Any

from keras import ops

from facemtl.arguments import checked_number, is_number
from facemtl.errors import InputError
from facemtl.mtl.weighting.fixed import stacked
from facemtl.mtl.weighting.recorded import StepWeighting

NEVER = -1e9


class TchebycheffWeighting(StepWeighting):
    """STCH: K μ ln Σ exp(λ_k (loss_k - z_k) / μ).

    The paper's formula has no factor K. With it, the weights sum to K if all
    λ are 1, and the learning rate of equal weights suits them. A small μ
    trains the worst task alone. The authors' code has an epoch of warm-up in
    place of z; here, z is given.

    Args: those of `FixedWeighting`, and
        mu: μ, over 0.
        ideal: {task: z}, the lowest loss to expect; the default of a task is 0.

    Raises:
        ValueError: as `FixedWeighting`, for a μ that is not positive, or z
            that are not numbers of these tasks.

    Example:

    >>> weighting = TchebycheffWeighting(["a", "b"], mu=0.1)
    >>> round(float(weighting.total({"a": 3.0, "b": 1.0})), 3)
    6.0

    Reference: Lin et al., "Smooth Tchebycheff Scalarization for
    Multi-Objective Optimization", ICML 2024, arXiv:2402.19078, equation 6.
    """

    def __init__(
        self,
        *args: Any,
        mu: float = 1.0,
        ideal: Mapping[str, float] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.mu = checked_number("mu > 0", mu, lambda x: x > 0)
        given = dict(ideal or {})
        numbers = all(is_number(x) for x in given.values())
        if not numbers or not set(given) <= set(self.tasks):
            raise InputError(
                f"Expected ideal as numbers of tasks {self.tasks}. "
                f"Received: {ideal}."
            )
        self.ideal = {task: float(given.get(task, 0.0)) for task in self.tasks}

    def total(self, losses: Mapping[str, Any], training: bool = True) -> Any:
        ideal = ops.array(list(self.ideal.values()), "float32")
        gap = self.factors * (stacked(losses, self.tasks) - ideal) / self.mu
        gap = ops.where(self.factors > 0, gap, NEVER)
        count = ops.sum(self.running)
        self.record(count * self.factors * ops.softmax(gap), training)
        return count * self.mu * ops.logsumexp(gap)
