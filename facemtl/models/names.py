"""Names of tasks beside the names of a network's other layers.

Keras names every layer, and a task's last layer bears the task's name.
"""

import re
from collections.abc import Iterable

import keras

from facemtl.errors import InputError
from facemtl.tasks import Task

_TWICE = re.compile(r'The name "(\w+)" is used')
_NUMBER = re.compile(r"_\d+$")


def taken_name(error: Exception, tasks: Iterable[Task]) -> InputError | None:
    """What to say where Keras refuses a name that is there twice.

    Args:
        error: what Keras raised.
        tasks: those of the network.

    Returns:
        An error that names the task; None for another fault.
    """
    found = _TWICE.search(str(error))
    if not found:
        return None
    name = found.group(1)
    # `act_fc` may be a layer of the tower and one of the landmarks "act".
    owners = [t for t in tasks if f"{name}_".startswith(f"{t.name}_")]
    return _rename(max(owners, key=lambda task: len(task.name)).name, name)


def check_numbered_names(network: keras.Model, tasks: Iterable[Task]) -> None:
    """Raise where a task may meet a name that Keras made itself.

    Such a name has a number that differs from process to process: a network
    that can be built in one could not be loaded in another.

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
