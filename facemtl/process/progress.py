"""Keras's progress bar with what fits on a line."""

from typing import Any

import keras

# Five tasks with three numbers each, twice, are more than a terminal's width.
ENDINGS = ("mean_error_box", "_accuracy", "mean_absolute_error")


class ShortProgbar(keras.callbacks.ProgbarLogger):
    """Shows the loss, and at an epoch's end what is chosen by.

    That is each task's validation error or accuracy (not the balanced one);
    all other numbers are in `history.csv` and TensorBoard.
    """

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        super().on_train_batch_end(batch, _short(logs, "loss"))

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        super().on_epoch_end(epoch, _short(logs, "loss", "val_"))


def _short(logs: Any, *starts: str) -> dict[str, Any]:
    return {
        key.replace("val_", "").replace("landmarks_mean", "mean"): value
        for key, value in (logs or {}).items()
        if key == "loss"
        or (
            key.startswith(starts)
            and key.endswith(ENDINGS)
            and "balanced" not in key
        )
    }
