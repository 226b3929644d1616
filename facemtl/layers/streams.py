"""Checks of streams: a list or tuple of T tensors."""

from typing import Any


def is_sequence(value: Any) -> bool:
    """Return whether the value is a list or tuple.

    Example:

    >>> [is_sequence(x) for x in ([1], (1,), "one", {"one": 1})]
    [True, True, False, False]
    """
    return isinstance(value, (list, tuple))


def stream_shapes(input_shape: Any) -> list[tuple[Any, ...]]:
    """Return the shapes of a list or tuple of tensors, or [] for one tensor.

    Example:

    >>> stream_shapes(((None, 4), [None, 4]))
    [(None, 4), (None, 4)]
    >>> stream_shapes((None, 4))
    []
    """
    if not is_sequence(input_shape):
        return []
    return [tuple(shape) for shape in input_shape if is_sequence(shape)]
