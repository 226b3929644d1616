"""Sequences of stages: a single tower, or stitched twin towers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import keras

from facemtl.layers import Twin, WeightRegularization
from facemtl.models.blocks import Stage


@dataclass(frozen=True)
class Features:
    """The features of a face that a tower computes.

    Attributes:
        maps: (B, H, W, C) after each stage of convolutions, the finest first.
        flat: (B, F) after the fully connected layer.
    """

    maps: list[Any]
    flat: Any


def tower(x: Any, stages: list[Stage]) -> Features:
    """Apply all stages in order to (B, S, S, C)."""
    ends = []
    for stage in stages:
        for layer in stage.layers:
            x = layer(x)
        ends.append(x)
    return Features(ends[:-1], ends[-1])


def twin_towers(
    streams: list[Any],
    stages: list[Stage],
    stitches: Mapping[str, keras.layers.Layer],
    weight_regularization: Mapping[str, WeightRegularization],
) -> list[Features]:
    """Apply T towers of one shape, stitched after some stages.

    Args:
        streams: T tensors (B, S, S, C).
        stages: the stages of one tower.
        stitches: {stage name: the unit after it}.
        weight_regularization: {layer name: its term}.

    Returns:
        The features of each tower.
    """
    ends = []
    for stage in stages:
        for layer in stage.layers:
            penalty = weight_regularization.get(layer.name)
            twin = Twin(layer, len(streams), penalty, name=layer.name)
            streams = twin(streams)
        if stage.name in stitches:
            streams = stitches[stage.name](streams)
        ends.append(streams)
    return [
        Features(list(own[:-1]), own[-1]) for own in zip(*ends, strict=True)
    ]
