"""A learning rate schedule times a factor."""

from typing import Any

import keras


@keras.saving.register_keras_serializable(package="facemtl")
class ScaledSchedule(keras.optimizers.schedules.LearningRateSchedule):
    """Multiply a schedule by a factor.

    Args:
        schedule: a Keras `LearningRateSchedule`, or its configuration.
        factor: the factor.

    Example:

    >>> decay = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)
    >>> round(float(ScaledSchedule(decay, 100.0)(10)), 3)
    5.0
    """

    def __init__(self, schedule: Any, factor: float) -> None:
        super().__init__()
        if isinstance(schedule, dict):
            schedule = keras.optimizers.schedules.deserialize(schedule)
        self.schedule = schedule
        self.factor = factor

    def __call__(self, step: Any) -> Any:
        return self.factor * self.schedule(step)

    def get_config(self) -> dict[str, Any]:
        schedule = keras.optimizers.schedules.serialize(self.schedule)
        return {"schedule": schedule, "factor": self.factor}
