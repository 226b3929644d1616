"""The balancing of the tasks' gradients that the settings of a run name."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from facemtl.arguments import checked_choice
from facemtl.errors import InputError
from facemtl.mtl.balancing import BALANCINGS, Balancing, named_balancing
from facemtl.settings import Settings

NONE = "none"


class RecordedBalancing(Balancing):
    """A balancing that keeps the sums of its weights w for `RecordBalancing`.

    Args:
        method: the balancing.
        tasks: the names of the tasks, in their order in the losses.
    """

    def __init__(self, method: Balancing, tasks: Sequence[str]) -> None:
        super().__init__(len(tasks), name="balancing")
        self.method = method
        self.tasks = list(tasks)
        self.scales_own = method.scales_own
        # The last place counts the steps.
        self.sums = self.add_weight(
            name="sums",
            shape=(len(tasks) + 1,),
            initializer="zeros",
            trainable=False,
        )

    def weights_of(self, gram: Any, losses: Any) -> Any:
        weights = self.method.weights_of(gram, losses)
        self.sums.assign_add(ops.concatenate([weights, ops.ones((1,))]))
        return weights

    def means(self) -> dict[str, float]:
        """Return the means of w since the last call, and forget them."""
        *sums, steps = ops.convert_to_numpy(self.sums).tolist()
        self.sums.assign(ops.zeros_like(self.sums))
        named = zip(self.tasks, sums, strict=True)
        return {task: total / max(steps, 1.0) for task, total in named}


class RecordBalancing(keras.callbacks.Callback):
    """Add `<task>_balance`, the mean of a task's w in the epoch, to its logs.

    w is the weight of the task's gradient for what it shares with others.

    Args:
        balancing: the balancing of the learner, or None.

    Example:

    >>> from facemtl.mtl.balancing import MGDA
    >>> balancing = RecordedBalancing(MGDA(2), ["a", "b"])
    >>> gram = ops.array([[1.0, 0.0], [0.0, 1.0]])
    >>> for _ in range(3):
    ...     w = balancing.weights_of(gram, None)
    >>> logs = {}
    >>> RecordBalancing(balancing).on_epoch_end(0, logs)
    >>> {key: round(value, 3) for key, value in logs.items()}
    {'a_balance': 1.0, 'b_balance': 1.0}
    """

    def __init__(self, balancing: RecordedBalancing | None) -> None:
        super().__init__()
        self.balancing = balancing

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if self.balancing is None or logs is None:
            return
        for task, mean in self.balancing.means().items():
            logs[f"{task}_balance"] = mean


def build_balancing(
    tasks: Sequence[str], settings: Settings
) -> RecordedBalancing | None:
    """Return the method that `weighting.balancing` names; None for "none".

    Args:
        tasks: the names of the tasks to learn.
        settings: settings of the run.

    Raises:
        InputError: for an unknown method, and for what balancing does not
            work with: one task, several devices, float16, and other backends
            than TensorFlow.
    """
    method = settings.weighting.balancing
    key = "weighting.balancing"
    checked_choice(key, method, [NONE, *BALANCINGS])
    if method == NONE:
        return None
    for expected, received, fits in (
        ("two or more tasks", list(tasks), len(tasks) > 1),
        _same("train.devices", settings.train.devices, 1),
        _same("Keras's backend", keras.backend.backend(), "tensorflow"),
        # A scale that overflows would leave infinite weights in a method.
        (
            "train.precision = 'float32' or 'mixed_bfloat16'",
            settings.train.precision,
            settings.train.precision != "mixed_float16",
        ),
    ):
        if not fits:
            raise InputError(
                f"Expected {expected} with {key} = {method!r}. "
                f"Received: {received!r}. Set {key}=none for it."
            )
    options = {"seed": settings.train.seed} if method == "pcgrad" else {}
    return RecordedBalancing(
        named_balancing(method, len(tasks), **options), tasks
    )


def _same(name: str, received: Any, wanted: Any) -> tuple[str, Any, bool]:
    return f"{name} = {wanted!r}", received, received == wanted
