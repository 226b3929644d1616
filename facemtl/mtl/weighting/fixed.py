"""Weights of the tasks' losses that do not change."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from facemtl.arguments import is_number
from facemtl.errors import InputError


class FixedWeighting(keras.layers.Layer):
    """Σ λ_task loss_task with equal or given weights.

    Args:
        tasks: task names.
        lambdas: {task: λ}, at least 0; the default of a task is 1.

    Raises:
        ValueError: for tasks that are not distinct names, the λ of an unknown
            task, or a λ that is negative or not a number.

    Example:

    >>> weighting = FixedWeighting(["size", "parity"], {"parity": 0.5})
    >>> float(weighting.total({"size": 1.0, "parity": 1.0}))
    1.5

    Reference: Zhang et al., ECCV 2014, equation 2 (λ_a).
    """

    def __init__(
        self,
        tasks: Sequence[str],
        lambdas: Mapping[str, float] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**{"dtype": "float32", **kwargs})
        self.tasks = _checked_names(tasks)
        given = _checked_lambdas(lambdas or {}, self.tasks)
        self.lambdas = {task: float(given.get(task, 1.0)) for task in tasks}
        self.factors = self.add_weight(
            name="lambda",
            shape=(len(self.tasks),),
            initializer=_values(list(self.lambdas.values())),
            trainable=False,
        )

    def _terms(self, losses: Mapping[str, Any], training: bool = True) -> Any:
        """Return the tasks' terms (K,), whose sum is the total.

        Args:
            losses: {task: scalar loss}.
            training: False on validation batches, which must not change the
                state of a weighting.
        """
        return self.factors * stacked(losses, self.tasks)

    def total(self, losses: Mapping[str, Any], training: bool = True) -> Any:
        """Return the weighted sum of {task: scalar loss}."""
        return ops.sum(self._terms(losses, training))

    def weights_now(self) -> dict[str, float]:
        """Return the current weight of each task's loss."""
        return self._named(self.factors)

    def stop(self, task: str) -> None:
        """Stop training a task by setting its λ to zero."""
        self._set({**self._named(self.factors), task: 0.0})

    def _named(self, values: Any) -> dict[str, float]:
        numbers = ops.convert_to_numpy(values).tolist()
        return dict(zip(self.tasks, numbers, strict=True))

    def _set(self, weights: Mapping[str, float]) -> None:
        self.factors.assign(
            np.array([weights[task] for task in self.tasks], "float32")
        )


def stacked(losses: Any, tasks: Sequence[str]) -> Any:
    """Return {task: scalar loss} as one tensor (K,), float32.

    A tensor (K,) is returned as it is.
    """
    if not isinstance(losses, Mapping):
        return losses
    return ops.stack([ops.cast(losses[task], "float32") for task in tasks])


def _checked_names(tasks: Any) -> list[str]:
    """Return task names as a list."""
    names = list(tasks) if isinstance(tasks, Iterable) else []
    texts = [name for name in names if isinstance(name, str)]
    single = isinstance(tasks, str)
    if single or not texts or len(set(texts)) < len(names):
        raise InputError(
            "Expected tasks as a list of one or more distinct names. "
            f"Received: {tasks!r}."
        )
    return texts


def _checked_lambdas(lambdas: Any, tasks: list[str]) -> dict[str, float]:
    """Return {task: λ} of the given tasks."""
    given = dict(lambdas) if isinstance(lambdas, Mapping) else {"": lambdas}
    numbers = all(is_number(x) and x >= 0 for x in given.values())
    if not numbers or not set(given) <= set(tasks):
        raise InputError(
            f"Expected lambdas >= 0 for tasks {tasks}. Received: {lambdas}."
        )
    return given


def _values(numbers: Sequence[float]) -> Any:
    return lambda shape, dtype=None: ops.convert_to_tensor(numbers, dtype)
