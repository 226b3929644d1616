"""The losses of a run's tasks."""

from collections.abc import Mapping, Sequence

import keras
import numpy as np

from facemtl.models.value_scale import value_scale
from facemtl.settings import LossSettings
from facemtl.tasks import Task
from facemtl.training.losses import AttributeLoss, LandmarkLoss, ValueLoss


def class_weights(
    labels: np.ndarray,
    classes: int,
    balance: float,
    often: np.ndarray | None = None,
) -> list[float]:
    """Return weights (N / (K n_k))^balance of classes, with mean 1 per face.

    Args:
        labels: (N,) integers; -1 if missing.
        classes: K, the number of classes.
        balance: 0 for equal weights, 1 for equal sums over all classes.
        often: (N,) how often each face is taken; None if all equally.

    Returns:
        K floats. A class without faces has the weight of a class with one.

    Example:

    >>> class_weights(np.array([0, 0, 0, 1]), 2, balance=1.0)
    [0.6666666666666666, 2.0]
    """
    known = labels >= 0
    times = None if often is None else often[known]
    counts = np.bincount(labels[known], times, minlength=classes)
    faces = max(counts.sum(), 1)
    factors = (faces / (classes * np.maximum(counts, 1))) ** balance
    mean = (factors * counts).sum() / faces
    return (factors / (mean or 1.0)).tolist()


def task_losses(
    tasks: Sequence[Task],
    labels: Mapping[str, np.ndarray],
    settings: LossSettings,
    often: np.ndarray | None = None,
) -> dict[str, keras.losses.Loss]:
    """Return the loss of each task.

    Args:
        tasks: the tasks.
        labels: labels of the training faces, for class weights and scales.
        settings: settings of `[loss]`.
        often: (N,) how often each face is taken; None if all equally.

    Returns:
        {task: loss}.
    """
    losses: dict[str, keras.losses.Loss] = {}
    for task in tasks:
        given = labels[task.name]
        if task.kind == "landmarks":
            loss = LandmarkLoss(settings.landmarks, settings.scale)
        elif task.kind == "classes":
            balance = settings.class_balance
            weights = class_weights(given, task.size, balance, often)
            loss = AttributeLoss(weights, settings.label_smoothing)
        else:
            loss = ValueLoss(value_scale(task, given)[1])
        losses[task.name] = loss
    return losses
