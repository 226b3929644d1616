"""Gradient surgery: conflicting parts of gradients are taken away."""

from typing import Any

import keras
from keras import ops

from facemtl.mtl.balancing.base import TINY, Balancing
from facemtl.mtl.balancing.solvers import repeat


class PCGrad(Balancing):
    """PCGrad: d = Σ g_i', where g_i' does not conflict with the others.

    g_i' starts as g_i. For each j ≠ i in random order, if g_i' · g_j < 0,
    g_i' ← g_i' - (g_i' · g_j) / ‖g_j‖² g_j, with the original g_j.

    Args: those of `Balancing`, and
        seed: of the order, an integer or None.

    Example: opposite parts are removed.

    >>> gram = ops.array([[1.0, -0.5], [-0.5, 1.0]])
    >>> [float(w) for w in PCGrad(2).weights_of(gram, None)]
    [1.5, 1.5]

    Reference: Yu et al., "Gradient Surgery for Multi-Task Learning", NeurIPS
    2020, arXiv:2001.06782, algorithm 1.
    """

    def __init__(
        self, tasks: int, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(tasks, **kwargs)
        self.seed_generator = keras.random.SeedGenerator(seed)

    def weights_of(self, gram: Any, losses: Any) -> Any:
        k = self.task_count
        places = keras.random.uniform((k, k), seed=self.seed_generator)
        order = ops.argsort(places, axis=1)
        own = ops.arange(k, dtype=order.dtype)
        squares = ops.maximum(ops.diagonal(gram), TINY)

        def body(step: Any, state: Any) -> Any:
            # Row i of `mixed` makes g_i' of the g_j, that of `products` is
            # g_i' · g_j.
            mixed, products = state
            j = ops.take(order, step, axis=1)
            hot = ops.one_hot(j, k, dtype="float32")
            inner = ops.sum(products * hot, axis=1)
            against = ops.logical_and(inner < 0, j != own)
            part = ops.where(against, inner / ops.take(squares, j), 0.0)
            part = part[:, None]
            return (
                mixed - part * hot,
                products - part * ops.take(gram, j, axis=0),
            )

        return ops.sum(repeat(k, body, (ops.eye(k), gram))[0], axis=0)
