"""Small convex problems over K numbers, solved in a fixed number of steps.

Steps are accelerated (FISTA), and the momentum is dropped when it points
uphill (O'Donoghue, Candès, "Adaptive Restart for Accelerated Gradient
Schemes", 2015).
"""

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

NEVER = -1e9


def on_simplex(points: Any, mask: Any) -> Any:
    """Project a point (K,) onto {w >= 0, Σ w = 1, w = 0 where not mask}.

    Example:

    >>> w = on_simplex(ops.array([0.5, 1.5, 9.0]), ops.array([1.0, 1.0, 0.0]))
    >>> [float(x) for x in w]
    [0.0, 1.0, 0.0]

    Reference: Duchi et al., "Efficient Projections onto the l1-Ball", ICML
    2008, figure 1.
    """
    points = ops.where(mask > 0, points, NEVER)
    falling = -ops.sort(-points)
    sums = ops.cumsum(falling)
    places = ops.arange(1, points.shape[0] + 1, dtype="float32")
    inside = ops.cast(falling * places > sums - 1, "float32")
    count = ops.maximum(ops.sum(inside), 1.0)
    last = ops.sum(ops.where(places == count, sums, 0.0))
    return ops.maximum(points - (last - 1) / count, 0.0) * mask


def minimize(
    slope: Callable[[Any], Any],
    project: Callable[[Any], Any],
    start: Any,
    step: Any,
    steps: int,
) -> Any:
    """Return the minimum of a convex function over a convex set.

    Args:
        slope: the gradient at a point.
        project: the projection onto the set.
        start: a point of the set.
        step: length of a step, at most 1 / the Lipschitz constant of `slope`.
        steps: number of steps.
    """

    def body(_: Any, state: Any) -> Any:
        at, ahead, t = state
        new = project(ahead - step * slope(ahead))
        uphill = ops.sum((ahead - new) * (new - at)) > 0
        t = ops.where(uphill, 1.0, t)
        longer = (1 + ops.sqrt(1 + 4 * ops.square(t))) / 2
        push = ops.where(uphill, 0.0, (t - 1) / longer)
        return new, new + push * (new - at), longer

    state = (start, start, ops.ones((), "float32"))
    return repeat(steps, body, state)[0]


def repeat(steps: int, body: Callable[[Any, Any], Any], state: Any) -> Any:
    """Call body(i, state) for i < steps; in a graph, as one compiled loop."""
    backend = keras.backend.backend()
    if backend == "torch":
        for i in range(steps):
            state = body(i, state)
        return state

    def loop(state: Any) -> Any:
        return ops.fori_loop(0, steps, lambda i, x: tuple(body(i, x)), state)

    if backend == "tensorflow":
        import tensorflow as tf

        # Hundreds of tiny operations, which XLA compiles to one. Outside of a
        # graph, it would compile them again in every call.
        if not tf.executing_eagerly():
            return tf.function(loop, jit_compile=True)(state)
    return loop(state)


def largest_row(gram: Any) -> Any:
    """Return a bound of the largest eigenvalue: max_i Σ_j |G_ij|."""
    return ops.maximum(ops.max(ops.sum(ops.abs(gram), axis=1)), 1e-20)
