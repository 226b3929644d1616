"""A callback that updates and records dynamic loss weights."""

from typing import Any

import keras

from facemtl.mtl.weighting import DynamicWeightAverage, FixedWeighting


class UpdateWeighting(keras.callbacks.Callback):
    """Update dynamic loss weights after each epoch and record all weights.

    The logs receive `<task>_weight`, the weight used in the epoch.

    Args:
        weighting: the method that sums the losses.

    Example:

    >>> update = UpdateWeighting(DynamicWeightAverage(["a", "b"]))
    >>> update.on_epoch_end(0, {"a_loss": 1.0, "b_loss": 1.0})
    >>> update.on_epoch_end(1, {"a_loss": 0.5, "b_loss": 1.0})
    >>> logs = {"a_loss": 0.25, "b_loss": 1.0}
    >>> update.on_epoch_end(2, logs)
    >>> round(logs["a_weight"], 3), round(logs["b_weight"], 3)
    (0.876, 1.124)
    """

    def __init__(self, weighting: FixedWeighting) -> None:
        super().__init__()
        self.weighting = weighting
        self.history: list[dict[str, float]] = []

    def get_state(self) -> list[dict[str, float]]:
        """Return the state that a resumed run must restore."""
        return self.history

    def set_state(self, state: list[dict[str, float]]) -> None:
        """Restore the state from `get_state`."""
        self.history = state

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        logs = {} if logs is None else logs
        tasks = self.weighting.tasks
        for task, weight in self.weighting.weights_now().items():
            logs[f"{task}_weight"] = weight
        self.history.append({t: float(logs[f"{t}_loss"]) for t in tasks})
        if isinstance(self.weighting, DynamicWeightAverage):
            self.weighting.update(self.history)
