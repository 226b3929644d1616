"""The cross-stitch network: a tower a stream, mixed after chosen stages."""

from collections.abc import Mapping, Sequence
from typing import Any

from facemtl.errors import InputError
from facemtl.layers import CrossStitch, WeightRegularization
from facemtl.layers.streams import is_sequence
from facemtl.models.blocks import Stage
from facemtl.models.heads import heads
from facemtl.models.towers import twin_towers
from facemtl.tasks import Task


def cross_stitch(
    image: Any,
    tasks: tuple[Task, ...],
    stages: list[Stage],
    streams: Sequence[Sequence[str]],
    stitch: Mapping[str, Any],
    weight_regularization: Mapping[str, Any],
    landmarks: str = "dense",
) -> dict[str, Any]:
    """Two or more task streams that learn how much to take from each other.

    Args:
        image: (B, S, S, C) scaled images.
        tasks: all tasks.
        stages: the stages of one tower.
        streams: the task names of each stream; empty for landmarks and
            attributes apart.
        stitch: `stages` ("all", or a list of stage names), `alpha` and
            `per_channel` (see `CrossStitch`).
        weight_regularization: `form` ("none" for none), `layers` ("all", or a
            list: Ω), and the other arguments of `WeightRegularization`.
        landmarks: the form of landmarks' heads, see `heads`.

    Returns:
        {task: answer}.

    Raises:
        InputError: for streams that do not carry every task exactly once, or
            an unknown stage or layer.

    Reference: Misra et al., "Cross-stitch Networks for Multi-task Learning",
    CVPR 2016; the weights' term: Rozantsev et al., arXiv:1603.06432.
    """
    carried = assign_streams(tasks, streams)
    units = _stitches([stage.name for stage in stages], dict(stitch))
    penalties = _penalties(stages, dict(weight_regularization))
    features = twin_towers([image] * len(carried), stages, units, penalties)
    answers: dict[str, Any] = {}
    for stream, own in zip(features, carried, strict=True):
        answers |= heads(own, stream, landmarks)
    return answers


def assign_streams(
    tasks: tuple[Task, ...], streams: Sequence[Sequence[str]]
) -> list[tuple[Task, ...]]:
    """The tasks of each stream; by default landmarks | attributes."""
    if not streams:
        points = [t.name for t in tasks if t.kind == "landmarks"]
        streams = [points, [t.name for t in tasks if t.name not in points]]
    by_name = {task.name: task for task in tasks}
    given = [name for stream in streams for name in stream]
    if len(streams) < 2 or not all(streams) or sorted(given) != sorted(by_name):
        raise InputError(
            "Expected model.streams as two or more lists that hold each of "
            f"{list(by_name)} once. Received: {[list(s) for s in streams]}."
        )
    return [tuple(by_name[name] for name in stream) for stream in streams]


def _stitches(places: list[str], stitch: dict) -> dict[str, CrossStitch]:
    chosen = _chosen("model.stitch.stages", stitch.pop("stages"), places)
    return {
        place: CrossStitch(**stitch, name=f"stitch_{place}") for place in chosen
    }


def _penalties(
    stages: list[Stage], settings: dict
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
