"""Stages put in a row: a single tower, or twin towers stitched together."""

from collections.abc import Mapping
from typing import Any

from facemtl.layers import CrossStitch, Twin, WeightRegularization
from facemtl.models.blocks import Stage


def tower(x: Any, stages: list[Stage]) -> Any:
    """All stages, one after the other: (B, S, S, C) -> (B, F)."""
    for stage in stages:
        for layer in stage.layers:
            x = layer(x)
    return x


def twin_towers(
    streams: list[Any],
    stages: list[Stage],
    stitches: Mapping[str, CrossStitch],
    weight_regularization: Mapping[str, WeightRegularization],
) -> list[Any]:
    """T towers of one shape, stitched after some stages.

    Args:
        streams: T tensors (B, S, S, C).
        stages: the stages of one tower.
        stitches: the unit after a stage, by stage name.
        weight_regularization: the term of a layer, by layer name.

    Returns:
        T tensors (B, F).
    """
    for stage in stages:
        for layer in stage.layers:
            penalty = weight_regularization.get(layer.name)
            twin = Twin(layer, len(streams), penalty, name=layer.name)
            streams = twin(streams)
        if stage.name in stitches:
            streams = stitches[stage.name](streams)
    return streams
