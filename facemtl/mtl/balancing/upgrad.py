"""Each gradient projected so that it harms no task."""

from typing import Any

from keras import ops

from facemtl.mtl.balancing.base import Balancing, normalized
from facemtl.mtl.balancing.solvers import largest_row, minimize

STEPS = 100
# Share of the trace that is added to the diagonal, as in TorchJD.
REGULAR = 1e-4


class UPGrad(Balancing):
    """UPGrad: d = Σ π(g_i), π the projection onto {d: d · g_j >= 0 for all j}.

    π(g_i) = Σ_j v_j g_j, where v minimizes vᵀ G v with v >= e_i (unit vector).

    Args: see `Balancing`.

    Example: opposite parts are removed.

    >>> gram = ops.array([[1.0, -0.5], [-0.5, 1.0]])
    >>> [round(float(w), 2) for w in UPGrad(2).weights_of(gram, None)]
    [1.5, 1.5]

    Reference: Quinton, Rey, "Jacobian Descent for Multi-Objective
    Optimization", 2024, arXiv:2406.16232, equation 4 and proposition 1.
    """

    def weights_of(self, gram: Any, losses: Any) -> Any:
        unit = ops.eye(self.task_count)
        gram = normalized(gram) + REGULAR * unit
        rows = minimize(
            lambda v: ops.matmul(v, gram),
            lambda v: ops.maximum(v, unit),
            unit,
            1 / largest_row(gram),
            STEPS,
        )
        return ops.sum(rows, axis=0)
