"""Training of a network on crops."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from facemtl.errors import InputError, RunFailed
from facemtl.models import FaceNetwork
from facemtl.pipeline.batches import fixed_batches, training_batches
from facemtl.pipeline.crop_cache import Crops
from facemtl.pipeline.teacher import Teacher
from facemtl.process.progress import ShortProgbar
from facemtl.process.streams import shown
from facemtl.settings import Settings
from facemtl.tasks import Task, landmarks_task
from facemtl.training import callbacks as cb
from facemtl.training.callbacks.follow import FollowFirst
from facemtl.training.compiled import build_learner, check_stopping
from facemtl.training.hosts import Hosts
from facemtl.training.learner import Learner

LOWER = "Lower train.learning_rate or train.stitch_rate"


def main_task(tasks: tuple[Task, ...]) -> tuple[str, str, str]:
    """Return the task that selects the epoch, its log key, and min or max."""
    task = landmarks_task(tasks) or tasks[0]
    if task.kind == "landmarks":
        return task.name, f"val_{task.name}_mean_error_box", "min"
    if task.kind == "classes":
        return task.name, f"val_{task.name}_balanced_accuracy", "max"
    return task.name, f"val_{task.name}_mean_absolute_error", "min"


def fit_network(
    network: FaceNetwork,
    train: Crops,
    validation: Crops,
    settings: Settings,
    folder: Path,
    verbose: int = 1,
    kept: Sequence[str] = (),
    teacher: Teacher | None = None,
    hosts: Hosts | None = None,
) -> dict[str, Any]:
    """Train a network and store the best one by validation in the folder.

    If the folder holds the state of an interrupted run, training continues
    after its last finished epoch, to the same weights.

    Args:
        network: network from `build_network`.
        train: training crops with a border.
        validation: validation crops.
        settings: settings of the run.
        folder: the run folder for `model.keras`, `history.csv`, `state.npz`
            and TensorBoard's logs.
        verbose: 1 shows Keras's bar, 2 prints a line per epoch.
        kept, teacher, hosts: see `build_learner`.

    Returns:
        `best_epoch` (from 1), number of `epochs`, `training_seconds`,
        `stopped` {task: epoch at which it was stopped}, and `ended_early`, a
        line if training diverged after the best epoch, otherwise "".

    Raises:
        InputError: for validation faces without a label of the main task.
        RunFailed: if training diverged in its first epoch.
    """
    main = main_task(train.faces.labelled_tasks())
    _check_validation(main[0], validation)
    average = cb.WeightAverage(network, settings.train.average)
    in_step = (average, cb.StopDiverged(network, verbose))
    learner = build_learner(
        network, train, settings, kept, teacher, in_step, hosts
    )
    parts = _callbacks(learner, *in_step, main, settings, folder, verbose)
    state = next(x for x in parts if isinstance(x, cb.RunState))
    done = state.restore(learner)
    follow = [FollowFirst(hosts, state)] if hosts else []
    seen = validation if hosts is None or hosts.first else None
    if 0 <= done < settings.train.epochs:
        _fit(learner, train, seen, settings, follow + parts, done, verbose)
    return _summary(parts, state)


def _fit(
    learner: Learner,
    train: Crops,
    validation: Crops | None,
    settings: Settings,
    parts: list[keras.callbacks.Callback],
    done: int,
    verbose: int,
) -> None:
    """Call Keras's `fit` for the remaining epochs."""
    epoch = tf.Variable(done, dtype=tf.int64)
    batches = training_batches(
        train,
        settings.augment,
        settings.train.batch_size,
        epoch,
        settings.train.seed,
        teacher=learner.teacher,
        least=settings.train.epoch_steps,
        shares=list(settings.data.more.values()),
    )
    count = keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda number, logs: epoch.assign(number)
    )
    learner.fit(
        batches,
        validation_data=fixed_batches(validation) if validation else None,
        epochs=settings.train.epochs,
        initial_epoch=done,
        callbacks=[count, *parts],
        shuffle=False,  # The batches are already shuffled.
        verbose=shown(verbose),
    )


def _check_validation(main: str, validation: Crops) -> None:
    """Raise if no validation label can select the best epoch."""
    task = next(x for x in validation.faces.tasks if x.name == main)
    if not task.is_labelled(validation.faces.labels[main]).any():
        raise InputError(
            f"Expected validation faces with a label of '{main}' to choose "
            f"the best epoch by. Received: {len(validation.faces)} without. "
            "Label more faces, or name some with split = val."
        )


def _callbacks(
    learner: Learner,
    average: cb.WeightAverage,
    diverged: cb.StopDiverged,
    main_of: tuple[str, str, str],
    settings: Settings,
    folder: Path,
    verbose: int,
) -> list[keras.callbacks.Callback]:
    """Return all callbacks; later ones read what earlier ones log."""
    network, weighting = learner.network, learner.weighting
    main, monitor, mode = main_of
    rising = settings.train.lambda_w_warm_up * settings.train.epochs
    best = cb.KeepBest(network, average, folder / "model.keras", monitor, mode)
    update = cb.UpdateWeighting(weighting)
    parts: list[Any] = [
        average,
        cb.ScheduleLambda(network, rising),
        update,
        cb.RecordSharing(network),
        cb.RecordBalancing(learner.balancing),
        *([cb.WarnSkipped()] if learner.balancing else []),
    ]
    kept: list[Any] = [best, update, diverged]
    method = settings.stopping.method
    check_stopping(method)
    if method != "none":
        given = asdict(settings.stopping)
        stopping = cb.TaskwiseStopping(
            network, average, weighting, main, given, verbose
        )
        parts.append(stopping)
        kept.append(stopping)
    return [
        *parts,
        diverged,
        best,
        cb.RunState(folder, average, kept),
        ShortProgbar(),
        keras.callbacks.TensorBoard(folder / "logs", write_graph=False),
    ]


def _summary(parts: list[Any], state: cb.RunState) -> dict[str, Any]:
    best = next(x for x in parts if isinstance(x, cb.KeepBest))
    why = next(x for x in parts if isinstance(x, cb.StopDiverged)).reason
    diverged = f"Training diverged in epoch {len(state.history)}: "
    if best.epoch < 0:
        raise RunFailed(
            f"{diverged}{why or f'the {best.monitor} is not a number'}. "
            f"{LOWER}, and start in another folder (--out on the command line)."
        )
    kept = f"{why}. The network is that of epoch {best.epoch + 1}. {LOWER}."
    stopped = [x.stopped for x in parts if isinstance(x, cb.TaskwiseStopping)]
    return {
        "best_epoch": best.epoch + 1,
        "epochs": len(state.history),
        "training_seconds": round(state.seconds, 1),
        "stopped": {k: v + 1 for k, v in (stopped or [{}])[0].items()},
        "ended_early": diverged + kept if why else "",
    }
