"""`Learner`: a network with its losses, metrics and task weighting."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras

from facemtl.errors import InputError
from facemtl.models import FaceNetwork
from facemtl.mtl.balancing import Balancing
from facemtl.mtl.gradients import balanced_step
from facemtl.mtl.guard import guarded, only_finite
from facemtl.pipeline.teacher import TEACHER, Teacher, taught_losses
from facemtl.training.devices import labelled, parallel_step
from facemtl.training.weighting import FixedWeighting

# Entries of a training log for every task, in addition to its metrics.
LOGGED = ("loss", "weight", "balance", "stopping")


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
        in_step: callbacks whose `in_step(logs)` ends each training step, as
            part of its graph; it changes the variables of their `state`.
        devices: the strategy of several devices, see `training.devices`.
        balancing: a method that combines the tasks' gradients, or None. If the
            loss of a task is then not finite, the batch does not train this
            task, see `MultiTaskModel`.

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
        in_step: Sequence[Any] = (),
        devices: Any = None,
        balancing: Balancing | None = None,
    ) -> None:
        super().__init__(name="learner")
        self.devices = devices
        self.network = network
        self.weighting = weighting
        self.balancing = balancing
        # What `balanced_step` reads: losses (K,) are in this order.
        self.tasks, self.parts = list(weighting.tasks), None
        if balancing is not None:
            self.skipped = self.add_weight(
                name="skipped",
                shape=(len(self.tasks),),
                initializer="zeros",
                trainable=False,
            )
        self.task_losses = dict(losses)
        self.teacher = teacher
        self.taught = taught_losses(losses, teacher.tasks if teacher else ())
        if not isinstance(share, Mapping):
            share = dict.fromkeys(losses, share)
        self.share = dict(share)
        self.in_step = tuple(in_step)
        if keras.backend.backend() == "jax":
            # Its steps change no variables but the model's own.
            self.ends = [v for part in self.in_step for v in part.state]
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

    def train_step(self, *given: Any) -> Any:
        """Train on one batch and return the logs; see Keras's `train_step`."""
        logs: Any
        if self.devices is not None:
            logs = parallel_step(self, self.devices, *given)
        elif self.balancing is not None:
            logs = balanced_step(self, *given)
        else:
            logs = super().train_step(*given)
        if keras.backend.backend() == "jax":
            return logs[0], self._ended(*logs)
        for part in self.in_step:
            part.in_step(logs)
        return logs

    def _ended(self, logs: Mapping[str, Any], state: Any) -> Any:
        """Return JAX's state after the ends of a step."""
        trained, others, *rest = state
        known = [
            *zip(self.trainable_variables, trained, strict=True),
            *zip(self.non_trainable_variables, others, strict=True),
        ]
        with keras.StatelessScope(state_mapping=known) as scope:
            for part in self.in_step:
                part.in_step(logs)
        places = self.non_trainable_variables
        return (trained, [scope.get_current_value(x) for x in places], *rest)

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        """Return Σ λ_task loss_task plus the weight regularization losses."""
        losses = self.tracked_losses(y, y_pred, sample_weight)
        return self.weighting.total(losses, training) + sum(self.losses)

    def tracked_losses(
        self, y: Any, y_pred: Any, weight: Any
    ) -> dict[str, Any]:
        """Return the losses of all tasks, and update their logged means."""
        losses = {
            task: self.loss_of(task, y, y_pred, weight)
            for task in self.task_losses
        }
        self.track(losses, weight)
        return losses

    def loss_values(self, y: Any, y_pred: Any, sample_weight: Any) -> list[Any]:
        """Return the losses of all tasks, for a balanced step."""
        safe = {task: guarded(guess) for task, guess in y_pred.items()}
        losses = self.tracked_losses(y, safe, sample_weight)
        return [keras.ops.cast(losses[x], "float32") for x in self.tasks]

    def finite(self, values: list[Any]) -> Any:
        """Return losses (K,) without NaN, and count the batches with it."""
        losses, finite = only_finite(keras.ops.stack(values))
        self.skipped.assign_add(1.0 - keras.ops.cast(finite, "float32"))
        return losses

    def loss_of(
        self, task: str, y: Any, y_pred: Any, weight: Any, part: Any = None
    ) -> Any:
        """Return the loss of a task.

        Args:
            task: its name.
            y, y_pred, weight: as Keras gives them to `compute_loss`.
            part: the shares of a batch's labelled faces and of its faces that
                these are, by which losses are multiplied; None for a batch.
        """
        labelled, faces = part or (None, None)
        loss = self.task_losses[task](y[task], y_pred[task], weight[task])
        loss = _times(loss, labelled)
        # Validation batches have no teacher.
        if task in self.taught and TEACHER in y:
            taught = self.taught[task](y[TEACHER][task], y_pred[task])
            loss += self.share[task] * (_times(taught, faces) - loss)
        return loss

    def track(self, losses: Mapping[str, Any], weight: Any) -> None:
        """Update the logged means of the tasks' losses."""
        for task, loss in losses.items():
            # Batches are weighted by labelled faces, for the mean over faces.
            self.trackers[task].update_state(loss, labelled(weight[task]))

    def compute_metrics(
        self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None
    ) -> dict[str, Any]:
        """Update the tasks' metrics and return all results."""
        for task, metrics in self.task_metrics.items():
            for metric in metrics:
                metric.update_state(y[task], y_pred[task], sample_weight[task])
        return self.get_metrics_result()


def _times(loss: Any, part: Any) -> Any:
    return loss if part is None else keras.ops.cast(part, loss.dtype) * loss


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
