"""The shortest vector in the convex hull of the gradients."""

from typing import Any

from keras import ops

from facemtl.mtl.balancing.base import Balancing, active, normalized
from facemtl.mtl.balancing.solvers import largest_row, minimize, on_simplex

STEPS = 100


class MGDA(Balancing):
    """MGDA: d = K Σ w_k g_k, w = argmin ‖Σ w_k g_k‖² over the simplex.

    No task's loss rises along -d, to first order. Tasks with short gradients
    get most of the weight. The problem is solved by accelerated projected
    gradients in place of the paper's Frank-Wolfe steps.

    Args: see `Balancing`.

    Example: the gradient of twice the length gets a fifth of the weight.

    >>> gram = ops.array([[1.0, 0.0], [0.0, 4.0]])
    >>> [round(float(w), 2) for w in MGDA(2).weights_of(gram, None)]
    [1.6, 0.4]

    Reference: Sener, Koltun, "Multi-Task Learning as Multi-Objective
    Optimization", NeurIPS 2018, arXiv:1810.04650, equation 3.
    """

    def weights_of(self, gram: Any, losses: Any) -> Any:
        mask, gram = active(gram), normalized(gram)
        count = ops.maximum(ops.sum(mask), 1.0)
        w = minimize(
            lambda w: ops.matmul(gram, w),
            lambda w: on_simplex(w, mask),
            mask / count,
            1 / largest_row(gram),
            STEPS,
        )
        return count * w
