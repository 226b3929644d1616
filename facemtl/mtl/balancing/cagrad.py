"""The direction near the mean gradient that serves the worst task best."""

from typing import Any

from keras import ops

from facemtl.arguments import checked_number
from facemtl.mtl.balancing.base import Balancing, active, normalized
from facemtl.mtl.balancing.solvers import largest_row, on_simplex, repeat

STEPS = 100


class CAGrad(Balancing):
    """CAGrad: d = K argmax min_i g_i · d, with ‖d - g_0‖ <= c ‖g_0‖.

    g_0 is the mean gradient. The dual finds w over the simplex that minimizes
    g_w · g_0 + c ‖g_0‖ ‖g_w‖, with g_w = Σ w_k g_k; then
    d = K (g_0 + c ‖g_0‖ / ‖g_w‖ g_w). The authors' code also divides by
    1 + c².

    Args: those of `Balancing`, and
        c: in [0, 1); 0 is equal weights.

    Raises:
        ValueError: for c out of range.

    Example:

    >>> gram = ops.array([[1.0, 0.0], [0.0, 1.0]])
    >>> [round(float(w), 2) for w in CAGrad(2, c=0.5).weights_of(gram, None)]
    [1.5, 1.5]

    Reference: Liu et al., "Conflict-Averse Gradient Descent for Multi-task
    Learning", NeurIPS 2021, arXiv:2110.14048, equations 3 to 5.
    """

    def __init__(self, tasks: int, c: float = 0.5, **kwargs: Any) -> None:
        super().__init__(tasks, **kwargs)
        self.c = checked_number("c in [0, 1)", c, lambda x: 0 <= x < 1)

    def weights_of(self, gram: Any, losses: Any) -> Any:
        mask, gram = active(gram), normalized(gram)
        count = ops.maximum(ops.sum(mask), 1.0)
        mean = mask / count
        along = ops.matmul(gram, mean)
        radius = self.c * ops.sqrt(ops.maximum(ops.sum(mean * along), 1e-12))
        bound = largest_row(gram)

        def norm(w: Any) -> Any:
            square = ops.sum(w * ops.matmul(gram, w))
            return ops.sqrt(ops.maximum(square, 1e-12))

        def body(_: Any, state: Any) -> Any:
            # The norm is at most its quadratic bound at w: each step descends.
            (w,) = state
            size = norm(w)
            slope = along + radius / size * ops.matmul(gram, w)
            step = size / ops.maximum(radius * bound, 1e-12)
            return (on_simplex(w - step * slope, mask),)

        (w,) = repeat(STEPS, body, (mean,)) if self.c else (mean,)
        return count * (mean + radius / norm(w) * w) * mask
