"""Detection of changed settings that have no effect on a run."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from facemtl.config import default_config
from facemtl.dotted_names import flat
from facemtl.settings import Settings
from facemtl.tasks import Task


@dataclass(frozen=True)
class _Run:
    """Properties of a run that decide which settings are used."""

    settings: Settings
    tasks: Sequence[Task]

    def learns(self, kind: str) -> bool:
        return any(task.kind == kind for task in self.tasks)

    def is_stitched(self) -> bool:
        return self.settings.model.architecture == "cross_stitch"

    def has_units(self) -> bool:
        return self.is_stitched() and self.settings.model.stitch.stages != []

    def has_tied_weights(self) -> bool:
        form = self.settings.model.weight_regularization.form
        return self.is_stitched() and form != "none"

    def stops(self, *methods: str) -> bool:
        return self.settings.stopping.method in methods


@dataclass(frozen=True)
class _Rule:
    """Settings, given by prefixes of their names, that need a condition."""

    settings: tuple[str, ...]
    condition: str
    holds: Callable[[_Run], object]


RULES = (
    _Rule(
        ("model.streams", "model.stitch.", "train.alone_epochs")
        + ("model.weight_regularization.form",),
        "model.architecture = 'cross_stitch'",
        _Run.is_stitched,
    ),
    _Rule(
        ("model.experts",),
        "model.architecture = 'mmoe'",
        lambda run: run.settings.model.architecture == "mmoe",
    ),
    _Rule(
        ("train.stitch_", "model.stitch.unit")
        + ("model.stitch.alpha", "model.stitch.per_channel"),
        "cross-stitch units",
        _Run.has_units,
    ),
    _Rule(
        ("model.weight_regularization.", "train.lambda_w_warm_up"),
        "a form of model.weight_regularization",
        _Run.has_tied_weights,
    ),
    _Rule(
        ("model.landmarks", "loss.landmarks", "loss.scale"),
        "a task of points",
        lambda run: run.learns("landmarks"),
    ),
    _Rule(
        ("loss.label_smoothing", "loss.class_balance"),
        "a task of classes",
        lambda run: run.learns("classes"),
    ),
    _Rule(
        ("augment.saturation",),
        "data.color = 'rgb'",
        lambda run: run.settings.data.color == "rgb",
    ),
    _Rule(
        ("model.width",),
        "model.channels = []",
        lambda run: not run.settings.model.channels,
    ),
    _Rule(
        ("distillation.share",),
        "distillation.teacher or start.keep",
        lambda run: (
            run.settings.distillation.teacher or run.settings.start.keep
        ),
    ),
    _Rule(
        ("start.rate",),
        "start.network",
        lambda run: run.settings.start.network,
    ),
    _Rule(
        ("weighting.temperature",),
        "weighting.method = 'dynamic_weight_average'",
        lambda run: run.settings.weighting.method == "dynamic_weight_average",
    ),
    _Rule(
        ("stopping.window", "stopping.epsilon"),
        "stopping.method = 'tcdcn'",
        lambda run: run.stops("tcdcn"),
    ),
    _Rule(
        ("stopping.threshold",),
        "stopping.method = 'threshold'",
        lambda run: run.stops("threshold"),
    ),
    _Rule(
        ("stopping.restore_best",),
        "a stopping.method",
        lambda run: run.stops("tcdcn", "threshold"),
    ),
)


def unused_settings(settings: Settings, tasks: Sequence[Task]) -> list[str]:
    """Return lines about changed settings that have no effect.

    Args:
        settings: settings of a run.
        tasks: tasks of the run.

    Example:

    >>> from facemtl.config import load_config
    >>> from facemtl.settings import settings_of
    >>> from facemtl.tasks import MTFL_TASKS
    >>> config = load_config("split", settings=["weighting.temperature=3"])
    >>> for line in unused_settings(settings_of(config), MTFL_TASKS):
    ...     print(line)
    weighting.temperature: not used without weighting.method = \
'dynamic_weight_average'.
    """
    defaults, run = flat(default_config()), _Run(settings, tasks)
    given = flat(settings.to_config())
    changed = [k for k, v in given.items() if v != defaults.get(k)]
    lines, said = [], set[str]()
    for rule in RULES:
        names = [k for k in changed if k.startswith(rule.settings)]
        names = [name for name in names if name not in said]
        if names and not rule.holds(run):
            said |= set(names)
            lines.append(
                f"{', '.join(names)}: not used without {rule.condition}."
            )
    return lines
