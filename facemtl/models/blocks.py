"""The stacks of layers a tower is made of, stage by stage.

A *stage* ends where streams may be stitched: after each pooling and after the
fully connected layer. Its layers are plain Keras layers, applied once in a
single tower or as twins in a cross-stitch network.
"""

from collections.abc import Callable
from dataclasses import dataclass

from keras import layers

from facemtl.errors import InputError
from facemtl.layers import AbsTanh, ConvMaxPool, ResidualBlock


@dataclass(frozen=True)
class Stage:
    """A place where streams may be stitched, and the layers that lead to it."""

    name: str
    layers: list[layers.Layer]


def tcdcn(width: float, activation: str, normalization: bool) -> list[Stage]:
    """The TCDCN stack: 5x5x16, 3x3x48, 3x3x64, 2x2x64, FC 100.

    Pooling comes before normalization and activation, on a quarter of the
    pixels: the same function, where the activation is monotone. |tanh| is
    not, so it comes before pooling, as in the paper.

    Reference: Zhang et al., "Facial Landmark Detection by Deep Multi-task
    Learning", ECCV 2014, figure 2 (there with |tanh| and no normalization).
    """

    def activate(name: str) -> list[layers.Layer]:
        norm = [layers.BatchNormalization(name=f"norm_{name}")]
        return (norm if normalization else []) + [
            _activation(activation, f"act_{name}")
        ]

    def conv(i: int, filters: int, kernel: int) -> layers.Layer:
        return layers.Conv2D(
            _wide(filters, width),
            kernel,
            use_bias=not normalization,
            name=f"conv{i}",
        )

    def stage(i: int, filters: int, kernel: int) -> Stage:
        pool = [layers.MaxPooling2D(name=f"max{i}")]
        active = activate(f"conv{i}")
        after = active + pool if activation == "abs_tanh" else pool + active
        return Stage(f"pool{i}", [conv(i, filters, kernel), *after])

    def first_stage(filters: int, kernel: int) -> Stage:
        if activation == "abs_tanh":
            return stage(1, filters, kernel)
        fast = ConvMaxPool(
            _wide(filters, width), kernel, not normalization, name="conv1"
        )
        return Stage("pool1", [fast, *activate("conv1")])

    stages = [first_stage(16, 5), stage(2, 48, 3), stage(3, 64, 3)]
    last = [conv(4, 64, 2), *activate("conv4"), layers.Flatten(name="flat")]
    fc = layers.Dense(_wide(100, width), name="fc")
    last += [fc, _activation(activation, "act_fc")]
    return [*stages, Stage("fc", last)]


def residual(
    width: float, activation: str, normalization: bool, separable: bool = False
) -> list[Stage]:
    """A modern stack: four residual stages of 24, 64, 96, 128, FC 128.

    Args: as `tcdcn`; normalization and relu are part of the blocks, and
    `activation` is that of the fully connected layer.
    """
    if not normalization:
        raise InputError(
            "Expected normalization = true: residual blocks have no other "
            "form. Received: false."
        )
    stages = [
        Stage(
            f"pool{i}",
            [ResidualBlock(_wide(filters, width), separable, name=f"conv{i}")],
        )
        for i, filters in enumerate((24, 64, 96, 128), start=1)
    ]
    fc = layers.Dense(_wide(128, width), name="fc")
    act = _activation(activation, "act_fc")
    return [*stages, Stage("fc", [layers.Flatten(name="flat"), fc, act])]


def depthwise(
    width: float, activation: str, normalization: bool
) -> list[Stage]:
    """`residual` with depthwise separable convolutions."""
    return residual(width, activation, normalization, separable=True)


BLOCKS: dict[str, Callable[[float, str, bool], list[Stage]]] = {
    "tcdcn": tcdcn,
    "residual": residual,
    "depthwise": depthwise,
}


def build_stages(
    blocks: str, width: float, activation: str, normalization: bool
) -> list[Stage]:
    """The stages of a named stack, new layers at every call.

    Args:
        blocks: a key of `BLOCKS`.
        width: factor on every layer's channels, over 0.
        activation: a Keras activation, or `"abs_tanh"` as in TCDCN.
        normalization: batch normalization after every convolution.

    Raises:
        InputError: for an unknown stack or a width that is not positive.

    Example:

    >>> [stage.name for stage in build_stages("tcdcn", 1.0, "relu", True)]
    ['pool1', 'pool2', 'pool3', 'fc']
    """
    if blocks not in BLOCKS:
        raise InputError(
            f"Expected model.blocks in {list(BLOCKS)}. Received: {blocks!r}."
        )
    if width <= 0:
        raise InputError(f"Expected model.width > 0. Received: {width}.")
    return BLOCKS[blocks](width, activation, normalization)


def _activation(name: str, layer_name: str) -> layers.Layer:
    if name == "abs_tanh":
        return AbsTanh(name=layer_name)
    return layers.Activation(name, name=layer_name)


def _wide(filters: int, width: float) -> int:
    return max(1, round(filters * width))
