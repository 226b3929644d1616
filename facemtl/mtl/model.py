"""`MultiTaskModel`: trains any Keras model with two or more outputs."""

import inspect
from typing import Any

import keras
from keras import ops

from facemtl.errors import InputError
from facemtl.mtl.balancing import Balancing, named_balancing
from facemtl.mtl.callbacks.skipped import WarnSkipped
from facemtl.mtl.callbacks.update_weighting import UpdateWeighting
from facemtl.mtl.gradients.representation import halves
from facemtl.mtl.guard import guarded, only_finite
from facemtl.mtl.losses import sample_count, task_loss
from facemtl.mtl.structure import by_task, check_tasks, weights_by_task
from facemtl.mtl.weighting import FixedWeighting, named_weighting


class MultiTaskModel(keras.Model):
    """Train a Keras model on the weighted sum of its tasks' losses.

    The model itself is not changed: save `network` after training. Metrics
    are given to `compile`, as for any Keras model. The log of `fit` has
    `<task>_loss` and `<task>_weight` for each task.

    If the loss of a task is not finite in a batch, the batch does not train
    this task, and the others are trained as if it had no loss; `fit` warns.
    The logged `loss` then counts the mean of the other losses in its place.
    With a `LossScaleOptimizer`, the whole step is left out, as always.

    Args:
        network: a Keras model whose outputs are a dictionary (also a nested
            one) or a list. A task's name is its key, its path such as
            "size/height", or the name of the list's output.
        losses: a Keras loss, its name or a function for each output, in the
            same structure or as {task: loss}. A loss by its name is the mean
            over the samples whose weight is not 0. Outputs without a loss are
            not trained.
        weighting: a weighting, or its name in `facemtl.mtl.WEIGHTINGS`.
        balancing: a method that combines the tasks' gradients, its name in
            `facemtl.mtl.BALANCINGS`, or None.
        representation: the name of a layer whose output all tasks share. The
            gradients for its output are balanced then, in place of those for
            the shared weights: one pass back through the trunk, not K.

    Call `fit` with labels in the structure of the outputs or as {task: label},
    with or without `sample_weight`.

    Raises:
        ValueError: for fewer than two tasks, losses of unknown outputs, or a
            weighting of other tasks; in training, for missing labels, and with
            `balancing` for tasks that share no layer.

    Example:

    >>> import numpy as np
    >>> x = keras.Input((4,))
    >>> shared = keras.layers.Dense(8, activation="relu")(x)
    >>> heads = {t: keras.layers.Dense(1, name=t)(shared) for t in ("a", "b")}
    >>> model = MultiTaskModel(
    ...     keras.Model(x, heads), {"a": "mse", "b": "mae"}, "uncertainty"
    ... )
    >>> model.compile("adam", run_eagerly=True)
    >>> labels = {"a": np.ones(6), "b": np.zeros(6)}
    >>> log = model.fit(np.ones((6, 4)), labels, verbose=0).history
    >>> sorted(log)
    ['a_loss', 'a_weight', 'b_loss', 'b_weight', 'loss']

    References: Zhang et al., ECCV 2014, equation 2; Sener and Koltun,
    "Multi-Task Learning as Multi-Objective Optimization", NeurIPS 2018,
    section 3.3 (the representation).
    """

    def __init__(
        self,
        network: keras.Model,
        losses: Any,
        weighting: str | FixedWeighting = "fixed",
        balancing: str | Balancing | None = None,
        name: str = "multi_task",
        representation: str | None = None,
    ) -> None:
        super().__init__(name=name)
        self.network = network
        listed = isinstance(getattr(network, "output", None), (list, tuple))
        # Keras finds metrics of listed outputs by it.
        self.output_names = network.output_names if listed else None
        given = by_task(losses, self.output_names or [])
        self.task_losses = {
            task: task_loss(loss) for task, loss in given.items() if loss
        }
        self.tasks = list(self.task_losses)
        _check_tasks(self.tasks, network, self.output_names)
        if isinstance(weighting, str):
            weighting = named_weighting(weighting, self.tasks)
        if isinstance(balancing, str):
            balancing = named_balancing(balancing, len(self.tasks))
        self.weighting = _checked_weighting(weighting, self.tasks)
        # Losses (K,) are in this order.
        self.tasks = list(weighting.tasks)
        self.balancing = balancing
        self.parts = halves(network, representation) if representation else None
        self.trackers = {
            task: keras.metrics.Mean(name=f"{task}_loss") for task in self.tasks
        }
        self.skipped = self.add_weight(
            name="skipped",
            shape=(len(self.tasks),),
            initializer="zeros",
            trainable=False,
        )
        self.built = True  # The network is built.

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        return self.network(inputs, training=training)

    def loss_values(
        self,
        y: Any,
        y_pred: Any,
        sample_weight: Any = None,
        training: bool = True,
        track: bool = True,
    ) -> list[Any]:
        """Return the tasks' losses, K scalars, also those that are NaN.

        Args:
            y, y_pred, sample_weight: as Keras gives them to `compute_loss`.
            training: whether to keep invalid gradients from the network.
            track: whether to update the logged means of the losses.
        """
        outputs = self.output_names or []
        labels, guesses = by_task(y, outputs), by_task(y_pred, outputs)
        check_tasks("labels", labels, self.tasks)
        check_tasks("outputs", guesses, self.tasks)
        weights = weights_by_task(sample_weight, self.tasks, outputs)
        values = []
        for task in self.tasks:
            loss = self.task_losses[task]
            guess, weight = guesses[task], weights[task]
            safe = guarded(guess) if training and self._guards else guess
            value = ops.cast(loss(labels[task], safe, weight), "float32")
            values.append(value)
            if track:
                count = sample_count(loss, guess, weight)
                value = ops.stop_gradient(value)
                self.trackers[task].update_state(value, count)
        return values

    def finite(self, values: list[Any], training: bool = True) -> Any:
        """Return losses (K,) without NaN, and count the batches with it."""
        if not training or not self._guards:
            return ops.stack(values)
        losses, finite = only_finite(ops.stack(values))
        self.skipped.assign_add(1.0 - ops.cast(finite, "float32"))
        return losses

    @property
    def _guards(self) -> bool:
        """Whether invalid gradients are kept away; else, the optimizer does."""
        kind = keras.optimizers.LossScaleOptimizer
        return not isinstance(getattr(self, "optimizer", None), kind)

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        """Return the weighted sum of the losses, plus those of the layers."""
        values = self.loss_values(y, y_pred, sample_weight, training)
        losses = self.finite(values, training)
        return self.weighting.total(losses, training) + sum(self.losses)

    def train_step(self, *args: Any) -> Any:
        if self.balancing is None:
            return super().train_step(*args)
        # Each backend has its own gradients.
        from facemtl.mtl.gradients import balanced_step

        return balanced_step(self, *args)

    def fit(self, *args: Any, **words: Any) -> Any:
        """Call Keras's `fit`; weights are updated after every epoch."""
        bound = inspect.signature(super().fit).bind(*args, **words)
        given = bound.arguments.get("callbacks") or []
        if isinstance(given, (list, tuple)):
            first = [UpdateWeighting(self.weighting)]
            if any(isinstance(x, UpdateWeighting) for x in given):
                first = []
            bound.arguments["callbacks"] = [*first, *given, WarnSkipped()]
        return super().fit(*bound.args, **bound.kwargs)


def _check_tasks(
    tasks: list[str], network: keras.Model, outputs: list[str] | None
) -> None:
    """Raise unless there are two tasks or more, all outputs of the network."""
    if len(tasks) < 2:
        raise InputError(
            f"Expected losses of two or more tasks. Received: {tasks}. "
            "Train one task by Keras's own compile and fit."
        )
    output = getattr(network, "output", None)
    if output is None:  # A subclassed model: known once it is called.
        return
    found = list(by_task(output, outputs or []))
    if unknown := [task for task in tasks if task not in found]:
        raise InputError(
            f"Expected losses of the model's outputs {found}. "
            f"Received: {unknown}."
        )


def _checked_weighting(weighting: Any, tasks: list[str]) -> FixedWeighting:
    """Return a weighting of exactly these tasks, in any order."""
    kind = isinstance(weighting, FixedWeighting)
    if not kind or set(weighting.tasks) != set(tasks):
        received = weighting.tasks if kind else repr(weighting)
        raise InputError(
            f"Expected a weighting of tasks {tasks}. Received: {received}."
        )
    return weighting
