"""The compiled learner of a run."""

from collections.abc import Sequence
from typing import Any

import keras

from facemtl.errors import InputError
from facemtl.evaluation.metrics import task_metrics
from facemtl.models import FaceNetwork
from facemtl.mtl.optimizer import unit_paths
from facemtl.pipeline.crop_cache import Crops
from facemtl.pipeline.order import Order
from facemtl.pipeline.teacher import Teacher, build_teacher
from facemtl.settings import Settings
from facemtl.tasks import Task
from facemtl.training.balancing import build_balancing
from facemtl.training.devices import strategy_of
from facemtl.training.learner import Learner
from facemtl.training.losses import AttributeLoss, LandmarkLoss
from facemtl.training.optimizers import build_optimizer
from facemtl.training.task_losses import task_losses
from facemtl.training.weighting import build_weighting

# A call from Python takes as long as a tenth of a step.
STEPS_PER_CALL = 10
STOPPING = ("none", "tcdcn", "threshold")


def check_training(tasks: Sequence[Task], settings: Settings) -> None:
    """Check settings of training before the photos are read.

    Raises:
        InputError: for a wrong setting of `[weighting]`, `[stopping]`,
            `[train]` or `[loss]`.
    """
    check_stopping(settings.stopping.method)
    names = [task.name for task in tasks]
    build_weighting(names, settings.weighting)
    build_balancing(names, settings)
    build_optimizer(settings.train, steps=1)
    strategy_of(settings.train.devices, settings.train.batch_size)
    LandmarkLoss(settings.loss.landmarks, settings.loss.scale)
    AttributeLoss(label_smoothing=settings.loss.label_smoothing)


def check_stopping(method: str) -> None:
    """Raise for an unknown `stopping.method`."""
    if method not in STOPPING:
        raise InputError(
            f"Expected stopping.method in {STOPPING}. Received: {method!r}."
        )


def build_learner(
    network: FaceNetwork,
    train: Crops,
    settings: Settings,
    kept: Sequence[str] = (),
    teacher: Teacher | None = None,
    in_step: Sequence[Any] = (),
    hosts: Any = None,
) -> Learner:
    """Return the network with its losses, weighting, metrics and optimizer.

    Args:
        network: the network.
        train: the training crops.
        settings: settings of the run.
        kept: paths of the network's weights that have been trained before.
        teacher: the teacher of the tasks to keep; by default that of
            `[distillation]`.
        in_step: see `Learner`.
        hosts: the `Hosts` that train together; None for one machine.
    """
    names = [task.name for task in network.tasks]
    size, least = settings.train.batch_size, settings.train.epoch_steps
    more = list(settings.data.more.values())
    order = Order(train.faces, more, size, least)
    losses = task_losses(
        network.tasks, train.labels(), settings.loss, order.often()
    )
    weighting = build_weighting(names, settings.weighting)
    labelled = train.faces.labelled_tasks()
    metrics = {t.name: task_metrics(t, network.crop.margin) for t in labelled}
    taught = settings.distillation
    if teacher is None:
        teacher = build_teacher(taught, network.tasks, network.crop)
    # A task without labels is learned from the teacher alone.
    share = dict.fromkeys(names, 1.0)
    share |= {task.name: taught.share for task in labelled}
    devices = strategy_of(settings.train.devices, size)
    if hosts:
        devices = hosts.strategy
    balancing = build_balancing(weighting.tasks, settings)
    learner = Learner(
        *(network, losses, weighting, metrics, teacher, share, in_step),
        *(devices, balancing),
    )
    # TensorFlow's collectives fail in its loops.
    at_once = 1 if hosts else STEPS_PER_CALL
    _compile(learner, settings, order.steps, kept, at_once)
    return learner


def _compile(
    learner: Learner,
    settings: Settings,
    epoch: int,
    kept: Sequence[str],
    at_once: int,
) -> None:
    """Give a learner its optimizer, and the form of its steps.

    Args:
        learner: the learner.
        settings: settings of the run.
        epoch: the number of steps of an epoch.
        kept: see `build_learner`.
        at_once: the most steps of a call.
    """
    steps, rate = epoch * settings.train.epochs, settings.start.rate
    units = unit_paths(learner.network)
    optimizer = build_optimizer(settings.train, steps, kept, rate, units)
    # Otherwise the first step creates its variables, and is traced twice.
    optimizer.build(learner.trainable_variables)
    backend = keras.backend.backend()
    calls = min(at_once, epoch) if backend == "tensorflow" else 1
    # XLA's convolutions are slower on a CPU; JAX has no other graphs.
    compiled = backend == "jax"
    learner.compile(optimizer, jit_compile=compiled, steps_per_execution=calls)
