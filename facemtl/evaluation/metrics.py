"""Metrics of classes and the metrics of each task, in percent.

Sums are kept over faces, so that faces of a smaller last batch count equally
and missing labels (zero sample weights) do not count.
"""

from typing import Any

import keras
from keras import ops

from facemtl.arguments import checked_count
from facemtl.evaluation.landmark_metrics import FailureRate, MeanError
from facemtl.tasks import Task


@keras.saving.register_keras_serializable(package="facemtl")
class Accuracy(keras.metrics.SparseCategoricalAccuracy):
    """Share of faces whose most probable class is the true one, in %.

    Shapes: y_true (B,) integers, y_pred (B, K) probabilities.

    Example:

    >>> import numpy as np
    >>> metric = Accuracy()
    >>> metric.update_state(np.array([0, 1]), np.array([[0.9, 0.1]] * 2))
    >>> float(metric.result())
    50.0
    """

    def __init__(self, name: str = "accuracy", dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)

    def result(self) -> Any:
        return 100 * super().result()


@keras.saving.register_keras_serializable(package="facemtl")
class BalancedAccuracy(keras.metrics.Metric):
    """Mean over classes of the share of faces classified correctly, in %.

    Classes without faces are ignored.

    Args:
        classes: K, the number of classes.
        name: Keras name.

    Shapes: y_true (B,) integers, y_pred (B, K) probabilities.

    Raises:
        ValueError: for fewer than two classes.

    Example:

    >>> import numpy as np
    >>> metric = BalancedAccuracy(2)
    >>> metric.update_state(np.array([0, 0, 1]), np.array([[0.9, 0.1]] * 3))
    >>> float(metric.result())
    50.0
    """

    def __init__(
        self,
        classes: int,
        name: str = "balanced_accuracy",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        self.classes = classes = checked_count("classes", classes, least=2)
        self.counts, self.hits = (
            self.add_variable((classes,), "zeros", name=part)
            for part in ("counts", "hits")
        )

    def update_state(
        self, y_true: Any, y_pred: Any, sample_weight: Any = None
    ) -> None:
        y_true = ops.cast(y_true, "int32")
        found = ops.cast(ops.argmax(y_pred, axis=-1), "int32")
        label = ops.one_hot(y_true, self.classes)
        if sample_weight is not None:
            weight = ops.reshape(ops.cast(sample_weight, label.dtype), (-1, 1))
            label = label * weight
        hit = ops.cast(found == y_true, label.dtype)[:, None]
        self.counts.assign_add(ops.sum(label, axis=0))
        self.hits.assign_add(ops.sum(label * hit, axis=0))

    def result(self) -> Any:
        seen = ops.sum(ops.cast(self.counts > 0, self.counts.dtype))
        rates = ops.divide_no_nan(self.hits, self.counts)
        return 100 * ops.divide_no_nan(ops.sum(rates), seen)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "classes": self.classes}


def task_metrics(task: Task, margin: float = 0.0) -> list[keras.metrics.Metric]:
    """Return the metrics that are shown and logged while a task is trained.

    Args:
        task: the task.
        margin: margin of the crop round the box.
    """
    if task.kind == "landmarks":
        box = 1 / (1 + 2 * margin)
        return [MeanError("box", box=box), FailureRate(5, "box", box=box)]
    if task.kind == "classes":
        return [Accuracy(), BalancedAccuracy(task.size)]
    return [keras.metrics.MeanAbsoluteError(name="mean_absolute_error")]
