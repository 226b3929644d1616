"""The cross-stitch network: one tower per stream, mixed after some stages."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import keras

from facemtl.errors import InputError
from facemtl.layers import WeightRegularization
from facemtl.layers.streams import is_sequence
from facemtl.models.blocks import Stage
from facemtl.models.heads import heads
from facemtl.models.towers import twin_towers
from facemtl.models.units import mixing_unit
from facemtl.tasks import Task


def cross_stitch(
    image: Any,
    tasks: tuple[Task, ...],
    stages: list[Stage],
    streams: Sequence[Sequence[str]],
    stitch: Mapping[str, Any],
    weight_regularization: Mapping[str, Any],
    landmarks: str = "dense",
    normalization: bool = True,
) -> dict[str, Any]:
    """Build a cross-stitch network of two or more task streams.

    Args:
        image: (B, S, S, C) scaled images.
        tasks: all tasks.
        stages: the stages of one tower.
        streams: the task names of each stream. If empty, `default_streams`.
        stitch: `stages` ("all", or a list of stage names) and the settings of
            `mixing_unit`.
        weight_regularization: `form` ("none" to disable it), `layers` ("all",
            or a list: Ω), and the other arguments of `WeightRegularization`.
        landmarks: form of the landmark heads, see `heads`.
        normalization: whether the network normalizes batches.

    Returns:
        {task: prediction}.

    Raises:
        InputError: for fewer than two tasks, streams that do not contain every
            task exactly once, or an unknown stage or layer.

    Reference: Misra et al., "Cross-stitch Networks for Multi-task Learning",
    CVPR 2016; weight regularization: Rozantsev et al., arXiv:1603.06432.
    """
    carried = assign_streams(tasks, streams)
    places = [stage.name for stage in stages]
    units = _stitches(places, dict(stitch), normalization)
    penalties = _penalties(stages, dict(weight_regularization))
    features = twin_towers([image] * len(carried), stages, units, penalties)
    predictions: dict[str, Any] = {}
    for stream, own in zip(features, carried, strict=True):
        predictions |= heads(own, stream, landmarks)
    return predictions


def assign_streams(
    tasks: tuple[Task, ...], streams: Sequence[Sequence[str]]
) -> list[tuple[Task, ...]]:
    """Return the tasks of each stream; the default is `default_streams`."""
    by_name = {task.name: task for task in tasks}
    if len(tasks) < 2:
        raise InputError(
            "Expected two or more tasks for model.architecture = "
            f"'cross_stitch'. Received: {list(by_name)}. Take 'split' or "
            "'single' instead (--model split on the command line)."
        )
    streams = streams or default_streams(tasks)
    given = [name for stream in streams for name in stream]
    if len(streams) < 2 or not all(streams) or sorted(given) != sorted(by_name):
        fitting = json.dumps(default_streams(tasks))
        raise InputError(
            "Expected model.streams as two or more lists that hold each of "
            f"{list(by_name)} once. Received: {[list(s) for s in streams]}. "
            f"Such as --set 'model.streams={fitting}'."
        )
    return [tuple(by_name[name] for name in stream) for stream in streams]


def default_streams(tasks: Sequence[Task]) -> list[list[str]]:
    """Return landmarks | attributes, or the first task | all others.

    Args:
        tasks: two or more tasks.

    Example:

    >>> from facemtl.tasks import GENDER, LANDMARKS, SMILE
    >>> default_streams([LANDMARKS, SMILE, GENDER])
    [['landmarks'], ['smile', 'gender']]
    >>> default_streams([SMILE, GENDER])
    [['smile'], ['gender']]
    """
    names = [task.name for task in tasks]
    first = [task.name for task in tasks if task.kind == "landmarks"]
    if not first or first == names:
        first = names[:1]
    return [first, [name for name in names if name not in first]]


def _stitches(
    places: list[str], stitch: dict[str, Any], normalization: bool
) -> dict[str, keras.layers.Layer]:
    chosen = _chosen("model.stitch.stages", stitch.pop("stages"), places)
    return {
        place: mixing_unit(place, stitch, normalization) for place in chosen
    }


def _penalties(
    stages: list[Stage], settings: dict[str, Any]
) -> dict[str, WeightRegularization]:
    layers = [
        layer.name
        for stage in stages
        for layer in stage.layers
        if layer.name.startswith(("conv", "fc"))
    ]
    omega = settings.pop("layers")
    chosen = _chosen("model.weight_regularization.layers", omega, layers)
    if settings["form"] == "none":
        return {}
    return {
        name: WeightRegularization(**settings, name=f"{name}_regularization")
        for name in chosen
    }


def _chosen(key: str, given: Any, places: list[str]) -> list[str]:
    if given == "all":
        return places
    if not is_sequence(given) or not all(place in places for place in given):
        raise InputError(
            f"Expected {key} = 'all' or a list out of {places}. "
            f"Received: {given!r}."
        )
    return list(given)
