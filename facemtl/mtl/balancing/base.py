"""What every method that balances gradients has in common."""

from typing import Any

import keras
from keras import ops

from facemtl.arguments import checked_count

TINY = 1e-20


class Balancing(keras.layers.Layer):
    """A method that combines the gradients g_k of K tasks to one direction.

    All methods choose d = Σ w_k g_k for the shared weights, and need no more
    than the inner products of the gradients: the Gram matrix (K, K). Weights
    of one task alone get its own gradient. The w of all methods have the scale
    of equal weights, w = 1, so that their learning rate suits them.

    Tasks whose gradient is zero, such as stopped tasks and tasks without a
    label in the batch, have no part.

    Args:
        tasks: K, at least 2.

    Raises:
        ValueError: for fewer tasks.
    """

    # Whether w also multiplies the gradients of a task's own weights.
    scales_own = False

    def __init__(self, tasks: int, **kwargs: Any) -> None:
        super().__init__(**{"dtype": "float32", **kwargs})
        self.task_count = checked_count("tasks", tasks, least=2)

    def weights_of(self, gram: Any, losses: Any) -> Any:
        """Return w (K,) from the inner products (K, K) and losses (K,)."""
        raise NotImplementedError


def active(gram: Any) -> Any:
    """Return which tasks have a gradient: 0 or 1, (K,)."""
    return ops.cast(ops.diagonal(gram) > TINY, "float32")


def normalized(gram: Any) -> Any:
    """Return the matrix divided by its trace.

    Example:

    >>> float(ops.trace(normalized(ops.eye(4))))
    1.0
    """
    return gram / ops.maximum(ops.trace(gram), TINY)
