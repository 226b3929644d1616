"""Checks of the arguments of `FaceNetwork` before Keras is called."""

from collections.abc import Iterable, Mapping
from typing import Any

from facemtl.arguments import checked_count, checked_flag, is_number
from facemtl.errors import InputError
from facemtl.geometry.crops import CropSpec
from facemtl.layers.streams import is_sequence
from facemtl.models.value_scale import Scales
from facemtl.tasks import Task, check_task_names

# Arguments of Keras's own models.
KERAS = ("name", "trainable")


def checked_tasks(tasks: Any) -> tuple[Task, ...]:
    """Return tasks, given as objects or dictionaries, with distinct names.

    Raises:
        InputError: for anything else, or a duplicate name.

    Example:

    >>> checked_tasks([{"name": "age", "kind": "value"}])[0].size
    1
    """
    several = isinstance(tasks, Iterable) and not isinstance(tasks, Mapping)
    given = list(tasks) if several else []
    if not several or not all(isinstance(t, (Task, Mapping)) for t in given):
        raise InputError(
            f"Expected tasks as a list of facemtl.Task. Received: {tasks!r}."
        )
    known = tuple(
        task if isinstance(task, Task) else Task.from_dict(task)
        for task in given
    )
    check_task_names(known)
    return known


def checked_crop(crop: Any) -> CropSpec:
    """Return a `CropSpec` from its arguments; None gives the defaults.

    Raises:
        InputError: for an unknown argument, or one of the wrong type or range.
    """
    given = {} if crop is None else crop
    known = list(CropSpec().to_dict())
    if not isinstance(given, Mapping) or not set(given) <= set(known):
        raise InputError(
            f"Expected crop as a dictionary of {known}. Received: {crop!r}."
        )
    return CropSpec(**given)


def checked_scales(given: Any, tasks: Iterable[Task]) -> Scales:
    """Return the shift and scale of value tasks; None gives an empty result.

    Raises:
        InputError: for another task, a pair that is not a number and a
            positive scale, or a shift of a value that a mirror image negates.

    Example:

    >>> checked_scales({"age": [40, 20]}, [Task("age", "value")])
    {'age': (40.0, 20.0)}
    """
    values = {task.name: task for task in tasks if task.kind == "value"}
    scales = table("value_scales", given)
    for name, pair in scales.items():
        numbers = is_sequence(pair) and all(map(is_number, pair))
        if name not in values or not (
            numbers and len(pair) == 2 and pair[1] > 0
        ):
            raise InputError(
                "Expected value_scales as {task: (shift, scale > 0)} of "
                f"{list(values)}. Received: {name} = {pair!r}."
            )
        if values[name].mirror == (-1,) and pair[0] != 0:
            raise InputError(
                f"Expected a shift of 0 for '{name}', which a mirror image "
                f"negates. Received: {pair[0]!r}."
            )
    return {k: (float(x[0]), float(x[1])) for k, x in scales.items()}


def table(name: str, given: Any) -> dict[str, Any]:
    """Return a table of settings as a dictionary; None gives an empty one.

    Raises:
        InputError: for anything else.
    """
    if not isinstance(given, (Mapping, type(None))):
        raise InputError(
            f"Expected {name} as a dictionary. Received: {given!r}."
        )
    return dict(given or {})


def checked_streams(streams: Any) -> list[list[str]]:
    """Return lists of task names, without a check that the tasks exist.

    Raises:
        InputError: for anything else.

    Example:

    >>> checked_streams((("landmarks",), ["smile"]))
    [['landmarks'], ['smile']]
    """
    if not is_sequence(streams) or not all(
        is_sequence(stream) and all(isinstance(name, str) for name in stream)
        for stream in streams
    ):
        raise InputError(
            "Expected model.streams as lists of task names, such as "
            f"[['landmarks'], ['smile']]. Received: {streams!r}."
        )
    return [list(stream) for stream in streams]


def check_known(further: Mapping[str, Any]) -> None:
    """Raise for an unknown argument, which Keras would ignore.

    A file of a later facemtl may have such an argument; without it, the
    network would predict other numbers.

    Raises:
        InputError: if there is one; the message names it.

    Example:

    >>> check_known({"widht": 0.5})
    Traceback (most recent call last):
        ...
    facemtl.errors.InputError: Expected arguments of FaceNetwork. Received: ...
    """
    unknown = sorted(set(further) - set(KERAS))
    if unknown:
        raise InputError(
            f"Expected arguments of FaceNetwork. Received: {unknown}."
        )


def checked_sharing(
    streams: Any, stitch: Any, weight_regularization: Any, experts: Any
) -> dict[str, Any]:
    """Return the settings of cross-stitch and MMoE networks, with defaults."""
    regularization = table("model.weight_regularization", weight_regularization)
    return {
        "experts": checked_count("model.experts", experts, least=2),
        "streams": checked_streams(streams),
        "stitch": {"stages": "all", **table("model.stitch", stitch)},
        "weight_regularization": {
            "form": "none",
            "layers": "all",
            **regularization,
        },
    }


def checked_mirrored(mirrored: Any, fault: str) -> bool:
    """Return whether to average predictions with those of the mirror image.

    Raises:
        InputError: for a value that is not a boolean, or a mirror fault.
    """
    if checked_flag("mirrored", mirrored) and fault:
        raise InputError(
            "Expected mirror rules that fit, for the mean with predictions "
            "about the mirror image (mirrored, --mirrored). Received: "
            f"{fault}"
        )
    return bool(mirrored)
