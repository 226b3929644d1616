"""What keeps a task with invalid numbers from harming the others."""

from typing import Any

from keras import ops


@ops.custom_gradient
def guarded(tensor: Any) -> Any:
    """Return the tensor; a gradient that is not finite becomes zero.

    Example:

    >>> float(guarded(ops.ones(())))
    1.0
    """

    def gradient(*args: Any, upstream: Any = None) -> Any:
        slope = args[-1] if upstream is None else upstream
        finite = ops.all(ops.isfinite(slope))
        return ops.where(finite, slope, ops.zeros_like(slope))

    return ops.convert_to_tensor(tensor), gradient


def only_finite(losses: Any) -> tuple[Any, Any]:
    """Return losses (K,) without NaN, and which of them are finite.

    In place of a loss that is not finite stands the mean of the others,
    without a gradient. If none is finite, the losses are NaN.

    Example:

    >>> losses, finite = only_finite(ops.array([1.0, float("nan"), 3.0]))
    >>> [float(x) for x in losses], [bool(x) for x in finite]
    ([1.0, 2.0, 3.0], [True, False, True])
    """
    finite = ops.isfinite(losses)
    counted = ops.cast(finite, losses.dtype)
    mean = ops.sum(ops.where(finite, losses, 0.0)) / ops.sum(counted)
    return ops.where(finite, losses, ops.stop_gradient(mean)), finite
