"""Task-wise early stopping of auxiliary tasks that over-fit."""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from facemtl.arguments import checked_choice, checked_count, checked_number
from facemtl.models import FaceNetwork
from facemtl.mtl.callbacks import stopping
from facemtl.mtl.criteria import TCDCN, Threshold
from facemtl.training.callbacks.average import WeightAverage
from facemtl.training.weighting import FixedWeighting

METHODS = ("tcdcn", "threshold")


class TaskwiseStopping(stopping.TaskwiseStopping):
    """Stop auxiliary tasks of a `FaceNetwork` when they start to over-fit.

    It is `facemtl.mtl.TaskwiseStopping` by the settings of a run, with a state
    that a resumed run restores, and heads of the averaged network.

    Stopping a task sets its λ to zero and restores its head's weights of its
    best epoch. `"tcdcn"` never stops the main task; if `"threshold"` stops it,
    training ends. `KeepBest` keeps the network of the main task's best epoch in
    either case. The index of every epoch is logged as `<task>_stopping`, and
    every stop is printed and listed in `stopped`.

    Args:
        network: the network that is trained.
        average: its moving average, which is used for validation. It must
            precede this callback in the list.
        weighting: the weighting with the λ of the tasks.
        main: the name of the main task.
        settings: the `stopping` section of a configuration.
        verbose: 1 prints stops.

    Raises:
        ValueError: for a main task that the weighting does not have, an unknown
            method, or a number out of range.

    Example:

    >>> from facemtl.config import load_config
    >>> from facemtl.tasks import LANDMARKS, SMILE
    >>> network = FaceNetwork((LANDMARKS, SMILE), width=0.1)
    >>> weighting = FixedWeighting(["landmarks", "smile"])
    >>> settings = ["stopping.method=threshold", "stopping.threshold=0.5"]
    >>> stopping = TaskwiseStopping(
    ...     network, WeightAverage(network), weighting, "landmarks",
    ...     load_config(settings=settings)["stopping"], verbose=0
    ... )
    >>> logs = {"landmarks_loss": 1.0, "val_landmarks_loss": 1.0}
    >>> for epoch, loss in enumerate([0.5, 0.6, 0.9]):
    ...     smile = {"smile_loss": 0.1, "val_smile_loss": loss}
    ...     stopping.on_epoch_end(epoch, logs | smile)
    >>> stopping.stopped, weighting.weights_now()
    ({'smile': 2}, {'landmarks': 1.0, 'smile': 0.0})

    Reference: Zhang et al., "Facial Landmark Detection by Deep Multi-task
    Learning", ECCV 2014, section 3.2.
    """

    def __init__(
        self,
        network: FaceNetwork,
        average: WeightAverage,
        weighting: FixedWeighting,
        main: str,
        settings: dict[str, Any],
        verbose: int = 1,
    ) -> None:
        _check_settings(settings)
        tcdcn = settings["method"] == "tcdcn"
        super().__init__(
            criterion=TCDCN(settings["window"], settings["epsilon"])
            if tcdcn
            else Threshold(settings["threshold"]),
            main=checked_choice("main", main, weighting.tasks),
            verbose=verbose,
        )
        self.network = network
        self.average = average
        self.weighting = weighting
        self.settings = settings
        self.losses = {task: [[], []] for task in weighting.tasks}

    def on_train_begin(self, logs: Any = None) -> None:
        """Keep the state of a run that is resumed."""

    def get_state(self) -> dict[str, Any]:
        """Return the state that a resumed run must restore, as plain lists."""
        return {
            "losses": self.losses,
            "stopped": self.stopped,
            "best": self.best,
        }

    def set_state(self, state: dict[str, Any]) -> None:
        """Restore the state from `get_state`."""
        self.losses = state["losses"]
        self.stopped = state["stopped"]
        self.best = state["best"]

    def on_test_begin(self, logs: Any = None) -> None:
        # The optimizer still decays a stopped head: restore it every time.
        for task in self.stopped if self.settings["restore_best"] else ():
            self._head(task).set_weights(self._arrays(task))

    def _weighting(self) -> FixedWeighting:
        return self.weighting

    def _index(self, task: str) -> float:
        # TCDCN never stops the main task.
        if task == self.main and self.settings["method"] == "tcdcn":
            return 0.0
        return super()._index(task)

    def _keep(self, task: str) -> None:
        with self.average.applied():
            head = self._head(task).get_weights()
        self.best[task] = [weight.tolist() for weight in head]

    def _restore(self, task: str) -> None:
        if self.settings["restore_best"]:
            with self.average.applied():
                self._head(task).set_weights(self._arrays(task))

    def _arrays(self, task: str) -> list[np.ndarray]:
        return [np.asarray(weight, np.float32) for weight in self.best[task]]

    def _head(self, task: str) -> keras.layers.Layer:
        """Return the last layer of a task that has weights."""
        names = {layer.name for layer in self.network.layers}
        kind = {t.name: t.kind for t in self.network.tasks}[task]
        # For a class task named "act", `act_fc` is a layer of the tower.
        own = f"{task}_fc" if kind == "landmarks" else task
        return self.network.get_layer(own if own in names else task)


def _check_settings(settings: Mapping[str, Any]) -> None:
    """Raise unless this is a valid `stopping` section."""
    checked_choice("stopping.method", settings["method"], METHODS)
    limit = "threshold"
    if settings["method"] == "tcdcn":
        checked_count("stopping.window", settings["window"])
        limit = "epsilon"
    name = f"stopping.{limit} >= 0"
    checked_number(name, settings[limit], lambda x: x >= 0)
