"""A callback that ends a training run that has diverged."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from facemtl.models import FaceNetwork

# Relative to the loss of the untrained network.
EXPLODED = 100.0


def all_finite(weights: Sequence[Any]) -> bool:
    """Return whether all numbers of some arrays are finite.

    Example:

    >>> all_finite([np.ones(3), np.array([1.0, np.inf])])
    False
    """
    return all(bool(np.isfinite(weight).all()) for weight in weights)


class StopDiverged(keras.callbacks.Callback):
    """End training if the loss or weights are NaN or the loss explodes.

    NaN weights do not always show in the losses, because ReLU turns them into
    0. A loss has exploded if, on training and validation faces, a task's loss
    in an epoch is a hundred times that of the first batch of the untrained
    network.

    Args:
        network: the network that is trained.
        verbose: 1 prints why training ends.

    Attributes:
        reason: why training ended; empty if it did not.

    Example:

    >>> from facemtl.tasks import SMILE
    >>> network = FaceNetwork((SMILE,), width=0.1)
    >>> stop = StopDiverged(network, verbose=0)
    >>> stop.set_model(network)  # as `fit` does with its model
    >>> stop.on_train_batch_end(0, {"loss": float("nan")})
    >>> stop.reason, network.stop_training
    ('the loss is not a number', True)
    """

    def __init__(self, network: FaceNetwork, verbose: int = 1) -> None:
        super().__init__()
        self.network = network
        self.verbose = verbose
        self.reason = ""
        names = [f"{task.name}_loss" for task in network.tasks]
        # Not a number until the first step.
        self._first = {
            name: keras.Variable(math.nan, trainable=False) for name in names
        }

    @property
    def state(self) -> list[keras.Variable]:
        """The variables that `in_step` changes."""
        return list(self._first.values())

    @property
    def untrained(self) -> dict[str, float]:
        """The tasks' losses of the first batch, before the first update."""
        known = {name: float(x.numpy()) for name, x in self._first.items()}
        return {name: x for name, x in known.items() if not math.isnan(x)}

    def in_step(self, logs: Mapping[str, Any]) -> None:
        """Keep the losses of the first batch, inside a training step."""
        for name, first in self._first.items():
            if name in logs:
                old = first.value
                first.assign(ops.where(ops.isnan(old), logs[name], old))

    def get_state(self) -> dict[str, Any]:
        """Return the state that a resumed run must restore."""
        return {"reason": self.reason, "untrained": self.untrained}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Restore the state from `get_state`."""
        self.reason = state["reason"]
        for name, loss in state["untrained"].items():
            self._first[name].assign(loss)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if not math.isfinite(float((logs or {}).get("loss", 0.0))):
            self._stop("the loss is not a number")

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        exploded = self._exploded(logs or {})
        if not all_finite(self.network.get_weights()):
            self._stop("weights are not numbers")
        elif exploded:
            self._stop(f"the loss of {exploded} exploded")
        if self.reason and self.verbose:
            print(f"\nEpoch {epoch + 1}: training ends, {self.reason}.")

    def _exploded(self, logs: Mapping[str, Any]) -> str:
        """Describe the first task whose loss exploded; empty if none did."""
        for name, untrained in self.untrained.items():
            limit = EXPLODED * max(untrained, 1.0)
            both = (logs.get(name, 0.0), logs.get(f"val_{name}", 0.0))
            if min(both) > limit:
                return name.removesuffix("_loss")
        return ""

    def _stop(self, reason: str) -> None:
        self.reason = self.reason or reason
        self.model.stop_training = True
