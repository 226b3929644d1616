"""Weights from the speed at which the tasks' losses fall."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from facemtl.arguments import checked_number
from facemtl.mtl.weighting.fixed import FixedWeighting


class DynamicWeightAverage(FixedWeighting):
    """λ_k(t) = λ_k K softmax(w_k(t - 1) / T), w_k = L_k(t - 1) / L_k(t - 2).

    A task whose training loss falls slowly gets more weight. The callback
    `UpdateWeighting` calls `update` after every epoch; `MultiTaskModel.fit`
    adds it.

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
            "temperature > 0", temperature, lambda x: x > 0
        )

    def update(self, history: Sequence[Mapping[str, float]]) -> None:
        """Set the weights from the mean training losses of past epochs.

        Args:
            history: {task: loss} of each epoch, oldest first. Fewer than two
                epochs, or losses that are not numbers, change nothing.
                Stopped tasks (weight 0) stay stopped.
        """
        running = [t for t, w in self.weights_now().items() if w > 0]
        if len(history) < 2 or not running:
            return
        before, last = history[-2], history[-1]
        ratios = np.array([last[t] / max(before[t], 1e-12) for t in running])
        if not np.isfinite(ratios).all():
            return
        powers = np.exp((ratios - ratios.max()) / self.temperature)
        shares = len(running) * powers / powers.sum()
        new = {
            task: self.lambdas[task] * share
            for task, share in zip(running, shares, strict=True)
        }
        self._set({**dict.fromkeys(self.tasks, 0.0), **new})
