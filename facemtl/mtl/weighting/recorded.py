"""Weightings whose weights change in every step."""

from typing import Any

from keras import ops

from facemtl.mtl.weighting.fixed import FixedWeighting


class StepWeighting(FixedWeighting):
    """A weighting that records the weights of its last training step.

    Subclasses call `record` with ∂total / ∂loss of each task.
    `weights_now` returns them; before the first step, it returns the λ.

    Args, Raises: see `FixedWeighting`.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.last = self.add_weight(
            name="last_weights",
            shape=(len(self.tasks),),
            initializer=lambda shape, dtype=None: ops.convert_to_tensor(
                list(self.lambdas.values()), dtype
            ),
            trainable=False,
        )

    @property
    def running(self) -> Any:
        """1 for each task that is trained, 0 for stopped tasks: (K,)."""
        return ops.cast(self.factors > 0, "float32")

    def record(self, weights: Any, training: bool) -> None:
        """Keep the weights (K,) of a training step."""
        if training:
            self.last.assign(ops.stop_gradient(weights))

    def weights_now(self) -> dict[str, float]:
        return self._named(self.last)

    def stop(self, task: str) -> None:
        super().stop(task)
        last = self._named(self.last)
        self.last.assign([{**last, task: 0.0}[name] for name in self.tasks])
