"""The stacks of layers that make up a tower, stage by stage.

A *stage* ends where streams may be stitched: after each pooling layer and
after the fully connected layer. Its layers are plain Keras layers. A single
tower applies them once; a cross-stitch network applies them as twins.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import keras
from keras import layers

from facemtl.arguments import (
    checked_choice,
    checked_flag,
    checked_number,
    is_count,
)
from facemtl.errors import InputError
from facemtl.layers import (
    AbsTanh,
    BatchNormalization,
    ConvMaxPool,
    ResidualBlock,
)
from facemtl.layers.streams import is_sequence


@dataclass(frozen=True)
class Stage:
    """The layers that lead to a place where streams may be stitched."""

    name: str
    layers: list[layers.Layer]


def tcdcn(
    channels: Sequence[int], activation: str, normalization: bool
) -> list[Stage]:
    """Return the TCDCN stack: 5x5x16, 3x3x48, 3x3x64, 2x2x64, FC 100.

    Args:
        channels: channels of the four convolutions and units of the FC layer.
        activation, normalization: see `build_stages`.

    Reference: Zhang et al., "Facial Landmark Detection by Deep Multi-task
    Learning", ECCV 2014, figure 2 (there with |tanh| and no normalization).
    """
    return _plain((5, 3, 3, 2), channels, activation, normalization)


def sun(
    channels: Sequence[int], activation: str, normalization: bool
) -> list[Stage]:
    """Return the stack of Sun et al.: 4x4x20, 3x3x40, 3x3x60, 2x2x80, FC 120.

    Reference: Sun et al., "Deep Convolutional Network Cascade for Facial
    Point Detection", CVPR 2013, network F1 (39x39 pixels, no normalization).
    """
    return _plain((4, 3, 3, 2), channels, activation, normalization)


def _plain(
    kernels: Sequence[int],
    channels: Sequence[int],
    activation: str,
    normalization: bool,
) -> list[Stage]:
    """Return three pooled convolutions, a fourth convolution and an FC layer.

    Pooling comes before normalization and activation, which then process a
    quarter of the pixels; the result is the same for a monotone activation.
    |tanh| is not monotone, so it comes before pooling, as in the paper.
    """
    pool_last = activation == "abs_tanh"
    *filters, fc_units = channels
    forms = list(zip(filters, kernels, strict=True))

    def activate(name: str) -> list[layers.Layer]:
        norm = [BatchNormalization(name=f"norm_{name}")]
        return (norm if normalization else []) + [
            _activation(activation, f"act_{name}")
        ]

    def conv(i: int) -> layers.Layer:
        return layers.Conv2D(
            *forms[i - 1], use_bias=not normalization, name=f"conv{i}"
        )

    def pooled(i: int) -> Stage:
        active = activate(f"conv{i}")
        if i == 1 and kernels[0] % 2 and not pool_last:
            fast = ConvMaxPool(*forms[0], not normalization, name="conv1")
            return Stage("pool1", [fast, *active])
        pool = [layers.MaxPooling2D(name=f"max{i}")]
        after = active + pool if pool_last else pool + active
        return Stage(f"pool{i}", [conv(i), *after])

    last = [conv(4), *activate("conv4"), layers.Flatten(name="flat")]
    fc = layers.Dense(fc_units, name="fc")
    last += [fc, _activation(activation, "act_fc")]
    return [pooled(1), pooled(2), pooled(3), Stage("fc", last)]


def residual(
    channels: Sequence[int],
    activation: str,
    normalization: bool,
    separable: bool = False,
) -> list[Stage]:
    """Return a residual stack: four residual stages of 24, 64, 96, 128, FC 128.

    Args:
        channels, normalization: see `tcdcn`; the blocks always normalize and
            use relu.
        activation: activation of the fully connected layer.
        separable: whether to use depthwise separable convolutions.
    """
    if not normalization:
        raise InputError(
            "Expected normalization = true: residual blocks have no other "
            "form. Received: false."
        )
    *filters, fc_units = channels
    stages = [
        Stage(f"pool{i}", [ResidualBlock(n, separable, name=f"conv{i}")])
        for i, n in enumerate(filters, start=1)
    ]
    fc = layers.Dense(fc_units, name="fc")
    act = _activation(activation, "act_fc")
    return [*stages, Stage("fc", [layers.Flatten(name="flat"), fc, act])]


def depthwise(
    channels: Sequence[int], activation: str, normalization: bool
) -> list[Stage]:
    """Return `residual` with depthwise separable convolutions."""
    return residual(channels, activation, normalization, separable=True)


BLOCKS: dict[str, Callable[[Sequence[int], str, bool], list[Stage]]] = {
    "tcdcn": tcdcn,
    "sun": sun,
    "residual": residual,
    "depthwise": depthwise,
}
# Channels of the four convolutions or residual blocks; units of the FC layer.
CHANNELS = {
    "tcdcn": (16, 48, 64, 64, 100),
    "sun": (20, 40, 60, 80, 120),
    "residual": (24, 64, 96, 128, 128),
    "depthwise": (24, 64, 96, 128, 128),
}


def build_stages(
    blocks: str,
    width: float,
    activation: str,
    normalization: bool,
    channels: Sequence[int] = (),
    fc_normalization: bool = False,
    multiple: int = 1,
) -> list[Stage]:
    """Return the stages of a named stack, with new layers at every call.

    Args:
        blocks: a key of `BLOCKS`.
        width: positive factor on every layer's channels.
        activation: a Keras activation, or `"abs_tanh"` as in TCDCN.
        normalization: whether to use batch normalization after convolutions.
        channels: five integers that replace the stack's channels times
            `width`. Multiples of 8 or 16 fill a processor's registers.
        fc_normalization: whether to use batch normalization after the fully
            connected layer. Without it, high learning rates soon set most of
            its units to zero for every face, permanently.
        multiple: a number by which channels times `width` divide.

    Raises:
        ValueError: for an unknown stack or activation, a width that is not
            positive, a flag that is not a boolean, or channels other than
            five positive integers.

    Example:

    >>> [stage.name for stage in build_stages("tcdcn", 1.0, "relu", True)]
    ['pool1', 'pool2', 'pool3', 'fc']
    """
    checked_choice("model.blocks", blocks, list(BLOCKS))
    checked_number("model.width > 0", width, lambda x: x > 0)
    checked_flag("model.normalization", normalization)
    checked_flag("model.fc_normalization", fc_normalization)
    whole = is_sequence(channels) and all(map(is_count, channels))
    if not whole or len(channels) not in (0, 5):
        raise InputError(
            "Expected model.channels = [] or five integers over 0. "
            f"Received: {channels}."
        )
    own = [
        multiple * max(1, round(n * width / multiple)) for n in CHANNELS[blocks]
    ]
    stages = BLOCKS[blocks](channels or own, activation, normalization)
    if fc_normalization:
        stages[-1].layers.insert(-1, BatchNormalization(name="norm_fc"))
    return stages


def _activation(name: str, layer_name: str) -> layers.Layer:
    if name == "abs_tanh":
        return AbsTanh(name=layer_name)
    if not _is_activation(name):
        raise InputError(
            "Expected model.activation as the name of a Keras activation of "
            "one argument that keeps the shape, or 'abs_tanh'. "
            f"Received: {name!r}."
        )
    return layers.Activation(name, name=layer_name)


def _is_activation(name: str) -> bool:
    """Return whether Keras has this activation and it keeps the shape."""
    if not isinstance(name, str):  # None and functions are not settings.
        return False
    numbers = keras.ops.zeros((1, 4))
    try:
        made = keras.activations.get(name)(numbers)
    except (ValueError, TypeError):
        return False
    return bool(made.shape == numbers.shape)
