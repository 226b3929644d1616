"""Typed settings of a run: one frozen dataclass per section of default.toml.

This module declares types and limits; `presets/default.toml` has defaults and
comments. Values beyond the limits are meaningless. Other checks are made where
a setting is used. Every number is finite and has at most ten digits: no setting
needs more, and 10³⁰⁸ becomes infinite in the first step.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from typing import Any

ARCHITECTURES = ("single", "split", "cross_stitch", "mtan", "mmoe")
MOST = 2**32 - 1  # the largest seed of NumPy


def _limits(least: float, most: float) -> Any:
    """Declare a number from `least` to `most`, both included."""
    return field(metadata={"limits": (least, most)})


@dataclass(frozen=True, kw_only=True)
class DataSettings:
    """The source of faces, and how they are cropped."""

    source: str
    more: Mapping[str, float]
    faces: int = _limits(20, 10**7)
    tasks: str
    boxes: str
    validation: int = _limits(1, 10**7)
    validation_share: float = _limits(0, 0.5)
    train_share: float = _limits(0, 1)
    labelled: Mapping[str, float]
    repeat: Mapping[str, float]
    cache: str
    cache_gigabytes: float = _limits(0, 10**6)
    size: int = _limits(8, 1024)
    color: str
    margin: float | str


@dataclass(frozen=True, kw_only=True)
class AugmentSettings:
    """The largest random changes of a training face."""

    mirror: bool
    shift: float = _limits(0, 1)
    scale: float = _limits(0, 10)
    rotation: float = _limits(0, 180)
    light: float = _limits(0, 10)
    blur: float = _limits(0, 1)
    occlusion: float = _limits(0, 1)
    noise: float = _limits(0, 10)
    saturation: float = _limits(0, 10)


@dataclass(frozen=True, kw_only=True)
class StitchSettings:
    """The stages where streams are mixed, the unit, and the initial α."""

    stages: str | list[str]
    unit: str
    alpha: list[Any]
    per_channel: bool


@dataclass(frozen=True, kw_only=True)
class WeightRegularizationSettings:
    """L_w = λ_w Σ r_w over the layers Ω."""

    form: str
    factor: float
    layers: str | list[str]
    linear_map: bool
    normalize: bool


@dataclass(frozen=True, kw_only=True)
class ModelSettings:
    """The network: arguments of `FaceNetwork`, except `tasks`."""

    architecture: str
    tasks: list[str]
    blocks: str
    width: float = _limits(0, 32)
    channels: list[int]
    activation: str
    normalization: bool
    fc_normalization: bool
    landmarks: str
    experts: int = _limits(2, 64)
    streams: list[list[str]]
    stitch: StitchSettings
    weight_regularization: WeightRegularizationSettings


@dataclass(frozen=True, kw_only=True)
class StartSettings:
    """The trained network whose weights a run starts from."""

    network: str
    rate: float = _limits(0, 100)
    heads_first: float = _limits(0, 1)
    keep: list[str]
    anew: list[str]


@dataclass(frozen=True, kw_only=True)
class LossSettings:
    """The losses of the tasks."""

    landmarks: str
    scale: float
    label_smoothing: float
    class_balance: float


@dataclass(frozen=True, kw_only=True)
class DistillationSettings:
    """The teacher, and the share of its loss."""

    teacher: str
    share: float = _limits(0, 1)


@dataclass(frozen=True, kw_only=True)
class WeightingSettings:
    """The weighting of the tasks, and the balancing of their gradients."""

    method: str
    balancing: str
    lambdas: Mapping[str, float]
    temperature: float


@dataclass(frozen=True, kw_only=True)
class StoppingSettings:
    """Task-wise early stopping."""

    method: str
    window: int = _limits(1, MOST)
    epsilon: float = _limits(0, MOST)
    threshold: float = _limits(0, MOST)
    restore_best: bool


@dataclass(frozen=True, kw_only=True)
class TrainSettings:
    """Epochs, optimizers, precision, threads, devices and seed."""

    epochs: int = _limits(1, 10**6)
    epoch_steps: int = _limits(1, 10**6)
    freeze: str
    batch_size: int = _limits(1, 10**6)
    learning_rate: float = _limits(0, MOST)
    schedule: str
    warm_up: float = _limits(0, 1)
    weight_decay: float = _limits(0, MOST)
    # A decay of 1 would keep the initial weights.
    average: float = _limits(0, 1 - 1e-9)
    stitch_optimizer: str
    stitch_rate: float = _limits(0, MOST)
    alone_epochs: int = _limits(0, 10**6)
    lambda_w_warm_up: float = _limits(0, 1)
    conflict: bool
    precision: str
    threads: int = _limits(0, 1024)
    devices: int = _limits(1, 1024)
    seed: int = _limits(0, MOST)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings of a run.

    Example:

    >>> from facemtl.config import load_config
    >>> settings_of(load_config("split")).train.batch_size
    32
    """

    data: DataSettings
    augment: AugmentSettings
    model: ModelSettings
    start: StartSettings
    loss: LossSettings
    distillation: DistillationSettings
    weighting: WeightingSettings
    stopping: StoppingSettings
    train: TrainSettings

    def to_config(self) -> dict[str, Any]:
        """Return the settings as a configuration dictionary."""
        return asdict(self)


def settings_of(config: Mapping[str, Any]) -> Settings:
    """Convert a complete configuration to typed settings.

    Args:
        config: a result of `load_config`.
    """
    return _section(Settings, config)


def _section(kind: Any, values: Mapping[str, Any]) -> Any:
    return kind(
        **{
            x.name: _section(x.type, values[x.name])
            if is_dataclass(x.type)
            else values[x.name]
            for x in fields(kind)
        }
    )


def _declared(kind: Any = Settings, prefix: str = "") -> Iterator[Any]:
    """Yield (dotted name, dataclass field) of every setting."""
    for one in fields(kind):
        if is_dataclass(one.type):
            yield from _declared(one.type, f"{prefix}{one.name}.")
        else:
            yield prefix + one.name, one


TYPES = {name: one.type for name, one in _declared()}
LIMITS = {
    name: one.metadata["limits"]
    for name, one in _declared()
    if "limits" in one.metadata
}
