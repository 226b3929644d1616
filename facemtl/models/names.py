"""Checks that task names do not collide with names of a network's layers.

Keras requires unique layer names, and a task's last layer has the task's name.
"""

import re
from collections.abc import Iterable

import keras

from facemtl.errors import InputError
from facemtl.tasks import Task

_TWICE = re.compile(r'The name "(\w+)" is used')
_NUMBER = re.compile(r"_\d+$")


def taken_name(error: Exception, tasks: Iterable[Task]) -> InputError | None:
    """Return an error for a task whose name Keras found twice.

    Args:
        error: the exception that Keras raised.
        tasks: tasks of the network.

    Returns:
        An error that names the task, or None for any other exception.
    """
    found = _TWICE.search(str(error))
    if not found:
        return None
    name = found.group(1)
    # `act_fc` may belong to the tower or to landmarks named "act".
    owners = [t for t in tasks if f"{name}_".startswith(f"{t.name}_")]
    return _rename(max(owners, key=lambda task: len(task.name)).name, name)


def check_numbered_names(network: keras.Model, tasks: Iterable[Task]) -> None:
    """Raise if a task may collide with a name that Keras generated.

    Generated names end in a number that differs between processes, so that a
    network built in one process might not load in another.

    Raises:
        InputError: if a task has the name of such an operation.
    """
    made = {
        _NUMBER.sub("", operation.name)
        for operation in network.operations
        if not isinstance(operation, keras.layers.Layer)
    }
    for task in tasks:
        if _NUMBER.sub("", task.name) in made:
            raise _rename(task.name, task.name)


def _rename(task: str, name: str) -> InputError:
    return InputError(
        f"Expected task names other than those of the network's own layers. "
        f"Received: task '{task}', and a layer '{name}'. Rename the task."
    )
