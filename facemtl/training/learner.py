"""`Learner`: a network with its losses, metrics and task weighting."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras

from facemtl.errors import InputError
from facemtl.models import FaceNetwork
from facemtl.pipeline.teacher import TEACHER, Teacher, taught_losses
from facemtl.training.weighting import FixedWeighting

# Entries of a training log for every task, in addition to its metrics.
LOGGED = ("loss", "weight", "stopping")


class Learner(keras.Model):
    """Train a `FaceNetwork` on the weighted sum of its tasks' losses.

    The saved network stays a plain functional model. The weights of the losses
    belong to the learner, where callbacks can change them and an optimizer can
    learn them.

    Args:
        network: the network to train.
        losses: {task: Keras loss}.
        weighting: the method that sums the losses.
        metrics: {task: Keras metrics}, logged as `<task>_<metric>` and, for
            validation faces, as `val_<task>_<metric>`.
        teacher: a network whose predictions are part of the training batches.
        share: weight of the losses from the teacher's predictions, of all
            tasks or {task: weight}; losses from labels have the weight
            1 - share.
        in_step: functions of the step's logs that end each training step, as
            part of its graph.

    Raises:
        ValueError: for tasks such as `smile` and `smile_balanced`, which would
            both log `smile_balanced_accuracy`.

    Call `compile(optimizer)` and `fit` as for any Keras model, on batches
    (crops, {task: label}, {task: weight}). Weights are 0 or 1: (B,) per face,
    or for landmarks also (B, P) per point.

    Example:

    >>> import numpy as np
    >>> from facemtl.tasks import SMILE
    >>> from facemtl.training.losses import AttributeLoss
    >>> network = FaceNetwork((SMILE,), width=0.1)
    >>> losses = {"smile": AttributeLoss()}
    >>> learner = Learner(network, losses, FixedWeighting(["smile"]))
    >>> learner.compile("adam", run_eagerly=True)  # no graph: few steps
    >>> x, y = np.zeros((4, 40, 40, 1)), {"smile": np.array([0, 1, 1, 0])}
    >>> known = {"smile": np.ones(4)}  # 0 where a face is not labelled
    >>> sorted(learner.fit(x, y, sample_weight=known, verbose=0).history)
    ['loss', 'smile_loss']

    Reference: Zhang et al., ECCV 2014, equation 2.
    """

    def __init__(
        self,
        network: FaceNetwork,
        losses: Mapping[str, keras.losses.Loss],
        weighting: FixedWeighting,
        metrics: Mapping[str, Sequence[keras.metrics.Metric]] | None = None,
        teacher: Teacher | None = None,
        share: float | Mapping[str, float] = 0.0,
        in_step: Sequence[Callable[[Any], None]] = (),
    ) -> None:
        super().__init__(name="learner")
        self.network = network
        self.weighting = weighting
        self.task_losses = dict(losses)
        self.teacher = teacher
        self.taught = taught_losses(losses, teacher.tasks if teacher else ())
        if not isinstance(share, Mapping):
            share = dict.fromkeys(losses, share)
        self.share = dict(share)
        self.in_step = tuple(in_step)
        self.trackers = {
            task: keras.metrics.Mean(name=f"{task}_loss") for task in losses
        }
        self.task_metrics = {k: list(v) for k, v in (metrics or {}).items()}
        _check_log(self.task_metrics)
        for task, own in self.task_metrics.items():
            for metric in own:
                metric.name = f"{task}_{metric.name}"
        self.built = True  # The network is built.

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        return self.network(inputs, training=training)

    def train_step(self, data: Any) -> dict[str, Any]:
        """Train on one batch and return the logs."""
        logs = super().train_step(data)
        for end in self.in_step:
            end(logs)
        return logs

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        """Return Σ λ_task loss_task plus the weight regularization losses."""
        losses = {}
        for task, loss in self.task_losses.items():
            weight = sample_weight[task]
            losses[task] = loss(y[task], y_pred[task], weight)
            # Validation batches have no teacher.
            if task in self.taught and TEACHER in y:
                taught = self.taught[task](y[TEACHER][task], y_pred[task])
                losses[task] += self.share[task] * (taught - losses[task])
            # Batches are weighted by labelled faces, for the mean over faces.
            self.trackers[task].update_state(losses[task], _faces(weight))
        return self.weighting.total(losses, training) + sum(self.losses)

    def compute_metrics(
        self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None
    ) -> dict[str, Any]:
        """Update the tasks' metrics and return all results."""
        for task, metrics in self.task_metrics.items():
            for metric in metrics:
                metric.update_state(y[task], y_pred[task], sample_weight[task])
        return self.get_metrics_result()


def _faces(weight: Any) -> Any:
    """Return the number of faces for weights (B,), or (B, P) of points."""
    weight = keras.ops.convert_to_tensor(weight)
    points = weight.shape[1] if len(weight.shape) > 1 else 1
    return keras.ops.sum(weight) / points


def _check_log(metrics: Mapping[str, Sequence[keras.metrics.Metric]]) -> None:
    """Raise if two numbers of a training log would have the same name."""
    owners = dict.fromkeys(("loss", "val_loss"), "the sum of the losses")
    for task, own in metrics.items():
        for part in (*LOGGED, *(metric.name for metric in own)):
            for name in (f"{task}_{part}", f"val_{task}_{part}"):
                owner = owners.setdefault(name, f"task '{task}'")
                if owner != f"task '{task}'":
                    raise InputError(
                        f"Expected task names that differ in the log. Received "
                        f"'{name}' of {owner} and of task '{task}'. "
                        "Rename the task."
                    )
