"""Task-wise early stopping."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras

from facemtl.arguments import checked_choice
from facemtl.errors import InputError
from facemtl.mtl.criteria import Patience

# (training losses, watched values, λ) -> an index; see `facemtl.mtl.criteria`.
Criterion = Callable[[Sequence[float], Sequence[float], float], float]


class TaskwiseStopping(keras.callbacks.Callback):
    """Stop the tasks of a `MultiTaskModel` one by one.

    Stopping a task sets its λ to zero: the other tasks train on. When the main
    task stops, or the last one, training ends. Stops are printed and listed in
    `stopped` {task: epoch, from 0}. The criterion's index of each epoch is
    logged as `<task>_stopping`.

    Args:
        monitor: the number to watch; `{task}` stands for the task's name.
        patience: epochs without an improvement before a task is stopped.
        min_delta: an improvement is larger than this.
        mode: `"min"` or `"max"`: whether low or high numbers are good.
        criterion: in place of patience, such as `TCDCN(window=5, epsilon=5)`.
        main: the task whose stop ends training; None for none.
        heads: {task: layer}, off by default. When a task stops, its layer gets
            the weights of the task's best epoch. This is ours, not TCDCN's.
            The trunk has moved on since that epoch, so old weights may fit it
            badly: compare both.
        verbose: 1 prints stops.

    Raises:
        ValueError: for arguments out of range; in training, for unknown tasks,
            and if the log lacks the monitored number.

    Example:

        stopping = TaskwiseStopping("val_{task}_loss", patience=3)
        model.fit(x, y, validation_split=0.2, callbacks=[stopping])

    Reference: Zhang et al., "Facial Landmark Detection by Deep Multi-task
    Learning", ECCV 2014, section 3.2.
    """

    def __init__(
        self,
        monitor: str = "val_{task}_loss",
        patience: int = 5,
        min_delta: float = 0.0,
        mode: str = "min",
        criterion: Criterion | None = None,
        main: str | None = None,
        heads: Mapping[str, keras.layers.Layer] | None = None,
        verbose: int = 1,
    ) -> None:
        super().__init__()
        if not isinstance(monitor, str) or "{task}" not in monitor:
            raise InputError(
                "Expected monitor with {task} for the task's name. "
                f"Received: {monitor!r}."
            )
        self.monitor = monitor
        self.sign = (
            -1 if checked_choice("mode", mode, ["min", "max"]) == "max" else 1
        )
        own = Patience(patience, min_delta)
        self.criterion: Any = own if criterion is None else criterion
        self.main = main
        self.heads = dict(heads or {})
        self.verbose = verbose
        self.stopped: dict[str, int] = {}
        self.losses: dict[str, list[list[float]]] = {}
        self.best: dict[str, list[Any]] = {}

    def on_train_begin(self, logs: Any = None) -> None:
        tasks = self._weighting().tasks
        named = {*self.heads, *([self.main] if self.main else [])}
        if unknown := sorted(named - set(tasks)):
            raise InputError(f"Expected tasks of {tasks}. Received: {unknown}.")
        self.stopped, self.best = {}, {}
        self.losses = {task: [[], []] for task in tasks}

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        logs = {} if logs is None else logs
        for task, (train, watched) in self.losses.items():
            if task in self.stopped:
                continue
            train.append(float(logs.get(f"{task}_loss", float("nan"))))
            watched.append(self.sign * self._number(task, logs))
            if watched[-1] <= min(watched):
                self._keep(task)
            index = self._index(task)
            logs[f"{task}_stopping"] = index
            if index > self.criterion.limit:
                self._stop(task, epoch)

    def _number(self, task: str, logs: Mapping[str, Any]) -> float:
        name = self.monitor.replace("{task}", task)
        if name not in logs:
            hint = " Give fit validation_data." if "val_" in name else ""
            raise InputError(
                f"Expected {name} in the log. Received: {sorted(logs)}.{hint}"
            )
        return float(logs[name])

    def _weighting(self) -> Any:
        return self.model.weighting

    def _index(self, task: str) -> float:
        lambda_a = self._weighting().lambdas[task]
        return float(self.criterion(*self.losses[task], lambda_a))

    def _keep(self, task: str) -> None:
        """Keep the head of a task in its best epoch so far."""
        if task in self.heads:
            self.best[task] = self.heads[task].get_weights()

    def _restore(self, task: str) -> None:
        if task in self.best:
            self.heads[task].set_weights(self.best[task])

    def _stop(self, task: str, epoch: int) -> None:
        self.stopped[task] = epoch
        self._weighting().stop(task)
        self._restore(task)
        if task == self.main or len(self.stopped) == len(self.losses):
            self.model.stop_training = True
        if self.verbose:
            print(f"\nEpoch {epoch + 1}: task '{task}' stopped.")
