"""A callback that reports batches in which a task was not trained."""

import warnings
from typing import Any

import keras
import numpy as np
from keras import ops

from facemtl.words import plural


class WarnSkipped(keras.callbacks.Callback):
    """Warn after an epoch in which the loss of a task was not a number.

    `MultiTaskModel.fit` and balanced runs add this callback. It warns in one
    line a task.

    Example:

    >>> import types
    >>> warn = WarnSkipped()
    >>> warn.set_model(types.SimpleNamespace(skipped=np.zeros(2)))
    >>> warn.on_epoch_end(0)  # no batch was skipped
    """

    def __init__(self) -> None:
        super().__init__()
        self.known: Any = None

    def on_train_begin(self, logs: Any = None) -> None:
        self.known = ops.convert_to_numpy(self.model.skipped).copy()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        now = ops.convert_to_numpy(self.model.skipped).copy()
        before = np.zeros_like(now) if self.known is None else self.known
        self.known = now
        for place in np.flatnonzero(now > before):
            count = int(now[place] - before[place])
            warnings.warn(
                f"Epoch {epoch + 1}: the loss of task "
                f"'{self.model.tasks[place]}' was not finite in {count} "
                f"{plural(count, 'batch').replace('batchs', 'batches')}, "
                "which did not train it. Check its labels and its loss.",
                stacklevel=2,
            )
