"""Methods that weight the losses of the tasks.

Every method is a small Keras layer that sums {task: loss} to one total. Its
weights are trained, saved and restored with the network.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from facemtl.arguments import checked_number, is_number
from facemtl.errors import InputError
from facemtl.settings import WeightingSettings


class FixedWeighting(keras.layers.Layer):
    """Σ λ_task loss_task with equal or given weights.

    Args:
        tasks: task names.
        lambdas: {task: λ}, at least 0; the default of a task is 1.

    Raises:
        ValueError: for tasks that are not distinct names, the λ of an unknown
            task, or a λ that is negative or not a number.

    Example:

    >>> weighting = FixedWeighting(["landmarks", "smile"], {"smile": 0.5})
    >>> float(weighting.total({"landmarks": 1.0, "smile": 1.0}))
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

    def total(self, losses: Mapping[str, Any]) -> Any:
        """Return the weighted sum of {task: scalar loss}."""
        return sum(
            self.factors[i] * losses[task] for i, task in enumerate(self.tasks)
        )

    def weights_now(self) -> dict[str, float]:
        """Return the current weight of each task's loss."""
        return dict(
            zip(self.tasks, np.asarray(self.factors).tolist(), strict=True)
        )

    def stop(self, task: str) -> None:
        """Stop training a task by setting its λ to zero."""
        factors = np.asarray(self.factors).tolist()
        self._set({**dict(zip(self.tasks, factors, strict=True)), task: 0.0})

    def _set(self, weights: Mapping[str, float]) -> None:
        self.factors.assign([weights[task] for task in self.tasks])


class UncertaintyWeighting(FixedWeighting):
    """Σ λ (exp(-s) loss + s) / 2 with one learned s = ln σ² per task.

    Args, Raises: see `FixedWeighting`; λ multiplies the whole term of a task.

    Example:

    >>> weighting = UncertaintyWeighting(["landmarks"])
    >>> float(weighting.total({"landmarks": 3.0}))
    1.5

    Reference: Kendall, Gal, Cipolla, "Multi-Task Learning Using Uncertainty
    to Weigh Losses", CVPR 2018, equations 7 and 10.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.log_variance = self.add_weight(
            name="log_variance", shape=(len(self.tasks),), initializer="zeros"
        )

    def total(self, losses: Mapping[str, Any]) -> Any:
        terms = {
            task: 0.5
            * (
                ops.exp(-self.log_variance[i]) * losses[task]
                + self.log_variance[i]
            )
            for i, task in enumerate(self.tasks)
        }
        return super().total(terms)

    def weights_now(self) -> dict[str, float]:
        learned = 0.5 * np.exp(-np.asarray(self.log_variance))
        return {
            task: weight * float(factor)
            for (task, weight), factor in zip(
                super().weights_now().items(), learned, strict=True
            )
        }


class DynamicWeightAverage(FixedWeighting):
    """λ_k(t) = λ_k K softmax(w_k(t - 1) / T), w_k = L_k(t - 1) / L_k(t - 2).

    A task whose training loss falls slowly gets more weight. The callback
    `UpdateWeighting` of `facemtl.training.callbacks` calls `update` after every
    epoch.

    Args: those of `FixedWeighting`, and
        temperature: T, over 0; large values make the weights even.

    Raises:
        ValueError: as `FixedWeighting`, or for a temperature that is not
            positive.

    Example:

    >>> weighting = DynamicWeightAverage(["a", "b"])
    >>> weighting.update([{"a": 1.0, "b": 1.0}, {"a": 0.5, "b": 1.0}])
    >>> {k: round(v, 3) for k, v in weighting.weights_now().items()}
    {'a': 0.876, 'b': 1.124}

    Reference: Liu, Johns, Davison, "End-to-End Multi-Task Learning with
    Attention", CVPR 2019, equation 7.
    """

    def __init__(
        self, *args: Any, temperature: float = 2.0, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.temperature = checked_number(
            "weighting.temperature > 0", temperature, lambda x: x > 0
        )

    def update(self, history: Sequence[Mapping[str, float]]) -> None:
        """Set the weights from the mean training losses of past epochs.

        Args:
            history: {task: loss} of each epoch, oldest first. Fewer than two
                epochs change nothing. Stopped tasks (weight 0) stay stopped.
        """
        running = [t for t, w in self.weights_now().items() if w > 0]
        if len(history) < 2 or not running:
            return
        before, last = history[-2], history[-1]
        ratios = np.array([last[t] / max(before[t], 1e-12) for t in running])
        powers = np.exp((ratios - ratios.max()) / self.temperature)
        shares = len(running) * powers / powers.sum()
        new = {
            task: self.lambdas[task] * share
            for task, share in zip(running, shares, strict=True)
        }
        self._set({**dict.fromkeys(self.tasks, 0.0), **new})


WEIGHTINGS = {
    "fixed": FixedWeighting,
    "uncertainty": UncertaintyWeighting,
    "dynamic_weight_average": DynamicWeightAverage,
}


def build_weighting(
    tasks: Sequence[str], settings: WeightingSettings
) -> FixedWeighting:
    """Return the method that `weighting.method` names.

    Raises:
        InputError: for an unknown method.
    """
    method = settings.method
    if method not in WEIGHTINGS:
        raise InputError(
            f"Expected weighting.method in {list(WEIGHTINGS)}. "
            f"Received: {method!r}."
        )
    # A configuration may set the λ of tasks that this network does not learn.
    options: dict[str, Any] = {
        "lambdas": settings.lambdas,
        "name": "weighting",
    }
    if method == "dynamic_weight_average":
        options["temperature"] = settings.temperature
    return WEIGHTINGS[method](tasks, **options)


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
            f"Expected weighting.lambdas >= 0 for {tasks}. Received: {lambdas}."
        )
    return given


def _values(numbers: Sequence[float]) -> Any:
    return lambda shape, dtype=None: ops.convert_to_tensor(numbers, dtype)
