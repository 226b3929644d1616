"""Callbacks that write the best network, history and state of a run."""

import csv
import io
import json
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from facemtl.arguments import checked_choice, checked_path
from facemtl.files.kept import read_arrays, read_kept
from facemtl.files.writing import whole_file, write_arrays, write_whole
from facemtl.models import FaceNetwork
from facemtl.training.callbacks.average import WeightAverage
from facemtl.training.callbacks.diverged import all_finite


class KeepBest(keras.callbacks.Callback):
    """Save `model.keras` whenever the averaged network improves.

    A network with NaN or infinite weights is never saved.

    Args:
        network: the network that is trained.
        average: its moving average.
        file: path of the file to save.
        monitor: a key of the epoch's logs.
        mode: `"min"` or `"max"`.

    Raises:
        ValueError: for another mode.

    Example:

    >>> import tempfile
    >>> from facemtl.tasks import SMILE
    >>> network = FaceNetwork((SMILE,), width=0.1)
    >>> average = WeightAverage(network)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = f"{folder}/model.keras"
    ...     keep = KeepBest(network, average, file, "val_loss")
    ...     for epoch, loss in enumerate([0.9, 0.7, 0.8]):
    ...         keep.on_epoch_end(epoch, {"val_loss": loss})
    ...     keep.epoch, keep.best, Path(file).is_file()
    (1, 0.7, True)
    """

    def __init__(
        self,
        network: FaceNetwork,
        average: WeightAverage,
        file: str | Path,
        monitor: str,
        mode: str = "min",
    ) -> None:
        super().__init__()
        checked_choice("mode", mode, ("min", "max"))
        self.network = network
        self.average = average
        self.file = checked_path("a .keras file", file)
        self.monitor = monitor
        self.sign = 1.0 if mode == "min" else -1.0
        self.best = float("inf")
        self.epoch = -1

    def get_state(self) -> dict[str, Any]:
        """Return the state that a resumed run must restore."""
        return {"best": self.best, "epoch": self.epoch}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Restore the state from `get_state`."""
        self.best, self.epoch = state["best"], state["epoch"]

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        value = self.sign * float((logs or {})[self.monitor])
        if not value < self.best:  # also if the value is NaN
            return
        with self.average.applied():
            # ReLU may hide NaN weights from the monitored value.
            if not all_finite(self.network.get_weights()):
                return
            with whole_file(self.file) as part:
                self.network.save(part)
        self.best, self.epoch = value, epoch


class RunState(keras.callbacks.Callback):
    """Save everything that the next epoch depends on after each epoch.

    The state is one file that is replaced atomically: after a killed run, it is
    that of one finished epoch. `history.csv` is written from it.

    Args:
        folder: the run folder.
        average: the moving average of the weights.
        others: further callbacks with `get_state` and `set_state`.

    Attributes:
        history: {key of the logs: number} of each epoch.
        seconds: training time of all epochs.

    Example:

    >>> import tempfile
    >>> network = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> network.compile("sgd", "mse", jit_compile=False)
    >>> average = WeightAverage(network)
    >>> x, y = np.zeros((4, 1)), np.ones((4, 1))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     parts = [average, RunState(folder, average, [])]
    ...     _ = network.fit(x, y, callbacks=parts, verbose=0)
    ...     resumed = RunState(folder, average, [])
    ...     resumed.restore(network)  # Epochs that are done.
    1
    >>> sorted(resumed.history[0])
    ['epoch', 'loss']
    """

    def __init__(
        self,
        folder: str | Path,
        average: WeightAverage,
        others: Iterable[Any],
    ) -> None:
        super().__init__()
        folder = checked_path("a run folder", folder)
        self.file = folder / "state.npz"
        self.history_file = folder / "history.csv"
        self.average = average
        self.others = {type(other).__name__: other for other in others}
        self.history: list[dict[str, float]] = []
        self.seconds = 0.0

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._begun = time.monotonic()

    def variables(self) -> list[Any]:
        """Return weights, optimizer and average in a fixed order."""
        return [
            *self.model.variables,
            *self.model.optimizer.variables,
            *self.average.state,
        ]

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        numbers = {key: float(value) for key, value in (logs or {}).items()}
        self.history.append({"epoch": epoch + 1, **numbers})
        # Summed over epochs: a resumed run has a new clock.
        self.seconds += time.monotonic() - self._begun
        text = {
            "history": self.history,
            "seconds": self.seconds,
            "stopped": bool(self.model.stop_training),
            "callbacks": {k: x.get_state() for k, x in self.others.items()},
        }
        arrays = {f"v{i}": v.numpy() for i, v in enumerate(self.variables())}
        state = np.array(json.dumps(text))
        write_arrays(self.file, {"state": state, **arrays})
        self._write_history()

    def restore(self, learner: keras.Model) -> int:
        """Restore a compiled learner to its last finished epoch.

        Returns:
            The number of finished epochs; 0 if there is no state; -1 if the
            run ended early.

        Raises:
            InputError: for a damaged state.
        """
        if not self.file.is_file():
            return 0
        self.set_model(learner)
        learner.optimizer.build(learner.trainable_variables)
        advice = (
            f"Remove {self.file.parent} to train it from its start, or give "
            "another folder (--out on the command line)."
        )
        done = read_kept(self.file, self._restore, advice)
        # The run may have been killed before it wrote its history.
        self._write_history()
        return done

    def _restore(self, file: Path) -> int:
        kept = read_arrays(file)
        text = json.loads(str(kept["state"]))
        for i, variable in enumerate(self.variables()):
            variable.assign(kept[f"v{i}"])
        for key, other in self.others.items():
            if key in text["callbacks"]:  # Earlier versions had fewer keys.
                other.set_state(text["callbacks"][key])
        self.history, self.seconds = text["history"], text["seconds"]
        return -1 if text["stopped"] else len(self.history)

    def _write_history(self) -> None:
        # Columns of a stopped task are empty in later epochs.
        columns = list(dict.fromkeys(k for row in self.history for k in row))
        out = io.StringIO(newline="")
        writer = csv.DictWriter(out, columns)
        writer.writeheader()
        writer.writerows(self.history)
        write_whole(out.getvalue(), self.history_file)
