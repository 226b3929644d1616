"""Streams as layers take them: a list or a tuple of T tensors."""

from typing import Any


def is_sequence(value: Any) -> bool:
    """Whether this is a list or a tuple, as of streams.

    Example:

    >>> [is_sequence(x) for x in ([1], (1,), "one", {"one": 1})]
    [True, True, False, False]
    """
    return isinstance(value, (list, tuple))


def stream_shapes(input_shape: Any) -> list[tuple[Any, ...]]:
    """The shapes of a list or tuple of tensors; empty for one tensor's shape.

    Example:

    >>> stream_shapes(((None, 4), [None, 4]))
    [(None, 4), (None, 4)]
    >>> stream_shapes((None, 4))
    []
    """
    if not is_sequence(input_shape):
        return []
    return [tuple(shape) for shape in input_shape if is_sequence(shape)]
