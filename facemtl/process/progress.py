"""Keras's progress bar, shortened to fit on one line."""

from typing import Any

import keras

# Five tasks with six numbers each are wider than a terminal.
ENDINGS = ("mean_error_box", "_accuracy", "mean_absolute_error")


class ShortProgbar(keras.callbacks.ProgbarLogger):
    """Shows the loss, and the main validation metrics at the end of an epoch.

    These are each task's validation error or accuracy (not balanced accuracy).
    All other metrics are in `history.csv` and TensorBoard.
    """

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        # Keras counts the steps of a whole call, also of an epoch's last one.
        last = batch if self.target is None else min(batch, self.target - 1)
        super().on_train_batch_end(last, _short(logs, "loss"))

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
