"""Tasks by name, whatever the structure of a model's outputs."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from facemtl.errors import InputError


def by_task(structure: Any, outputs: Sequence[str]) -> dict[str, Any]:
    """Return {task: part} of a dictionary, a nested dictionary or a list.

    The name of a nested part is its path, such as "size/height". The parts of
    a flat list or tuple are named by the model's outputs, in their order.

    Args:
        structure: labels, predictions, losses or weights.
        outputs: the names of the model's outputs.

    Raises:
        InputError: for a single tensor, or a list of another length.

    Example:

    >>> by_task({"size": {"height": 1, "width": 2}, "age": 3}, [])
    {'size/height': 1, 'size/width': 2, 'age': 3}
    >>> by_task([1, 2], ["size", "age"])
    {'size': 1, 'age': 2}
    """
    if isinstance(structure, (list, tuple)):
        if len(structure) != len(outputs):
            raise InputError(
                f"Expected a list of {len(outputs)} parts, one an output of "
                f"{list(outputs)}. Received: {len(structure)}. Name the "
                "outputs of the model by a dictionary."
            )
        return dict(zip(outputs, structure, strict=True))
    if not isinstance(structure, Mapping):
        raise InputError(
            "Expected a dictionary or a list of two or more tasks. Received: "
            f"{type(structure).__name__}. Train one task by Keras's own "
            "compile and fit."
        )
    return dict(_leaves(structure, ""))


def _leaves(structure: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield (path, part) in the order of the dictionaries."""
    if isinstance(structure, Mapping):
        pairs: Any = structure.items()
    elif isinstance(structure, (list, tuple)):
        pairs = enumerate(structure)
    else:
        yield path, structure
        return
    for key, part in pairs:
        yield from _leaves(part, f"{path}/{key}" if path else str(key))


def weights_by_task(
    weights: Any, tasks: Sequence[str], outputs: Sequence[str]
) -> dict[str, Any]:
    """Return {task: sample weights or None}.

    Args:
        weights: None, weights for all tasks, or a structure as of the labels.
        tasks: the names of the tasks.
        outputs: the names of the model's outputs.

    Example:

    >>> weights_by_task({"size": 0.5}, ["size", "age"], [])
    {'size': 0.5, 'age': None}
    """
    if isinstance(weights, (Mapping, list, tuple)):
        found = by_task(weights, outputs)
        return {task: found.get(task) for task in tasks}
    return dict.fromkeys(tasks, weights)


def check_tasks(
    what: str, found: Mapping[str, Any], tasks: Sequence[str]
) -> None:
    """Raise unless there is a part for every task.

    Raises:
        InputError: names the missing tasks.

    Example:

    >>> check_tasks("labels", {"size": 1}, ["size", "age"])
    Traceback (most recent call last):
        ...
    facemtl.errors.InputError: Expected labels of tasks ['size', 'age']. ...
    """
    if missing := [task for task in tasks if task not in found]:
        raise InputError(
            f"Expected {what} of tasks {list(tasks)}. Received: "
            f"{list(found)}, without {missing}."
        )
