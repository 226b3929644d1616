"""The stacks of layers a tower is made of, stage by stage.

A *stage* ends where streams may be stitched: after each pooling and after the
fully connected layer. Its layers are plain Keras layers, applied once in a
single tower or as twins in a cross-stitch network.
"""

from collections.abc import Callable, Sequence
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

    Reference: Zhang et al., "Facial Landmark Detection by Deep Multi-task
    Learning", ECCV 2014, figure 2 (there with |tanh| and no normalization).
    """
    shapes = ((16, 5), (48, 3), (64, 3), (64, 2))
    return _plain(shapes, 100, width, activation, normalization)


def sun(width: float, activation: str, normalization: bool) -> list[Stage]:
    """The stack of the first project: 4x4x20, 3x3x40, 3x3x60, 2x2x80, FC 120.

    Reference: Sun et al., "Deep Convolutional Network Cascade for Facial
    Point Detection", CVPR 2013, network F1 (39x39 pixels, no normalization).
    """
    shapes = ((20, 4), (40, 3), (60, 3), (80, 2))
    return _plain(shapes, 120, width, activation, normalization)


def _plain(
    shapes: Sequence[tuple[int, int]],
    fc_units: int,
    width: float,
    activation: str,
    normalization: bool,
) -> list[Stage]:
    """Three pooled convolutions (filters, kernel), one more, and an FC layer.

    Pooling comes before normalization and activation, on a quarter of the
    pixels: the same function, where the activation is monotone. |tanh| is
    not, so it comes before pooling, as in the paper.
    """
    pool_last = activation == "abs_tanh"

    def activate(name: str) -> list[layers.Layer]:
        norm = [layers.BatchNormalization(name=f"norm_{name}")]
        return (norm if normalization else []) + [
            _activation(activation, f"act_{name}")
        ]

    def conv(i: int) -> layers.Layer:
        filters, kernel = shapes[i - 1]
        form = (_wide(filters, width), kernel)
        return layers.Conv2D(*form, use_bias=not normalization, name=f"conv{i}")

    def pooled(i: int) -> Stage:
        filters, kernel = shapes[i - 1]
        active = activate(f"conv{i}")
        if i == 1 and kernel % 2 and not pool_last:
            form = (_wide(filters, width), kernel)
            fast = ConvMaxPool(*form, not normalization, name="conv1")
            return Stage("pool1", [fast, *active])
        pool = [layers.MaxPooling2D(name=f"max{i}")]
        after = active + pool if pool_last else pool + active
        return Stage(f"pool{i}", [conv(i), *after])

    last = [conv(4), *activate("conv4"), layers.Flatten(name="flat")]
    fc = layers.Dense(_wide(fc_units, width), name="fc")
    last += [fc, _activation(activation, "act_fc")]
    return [pooled(1), pooled(2), pooled(3), Stage("fc", last)]


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
    "sun": sun,
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
