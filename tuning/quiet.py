"""KerasTuner prints each condition that it sends over gRPC (1.4.8)."""

from keras_tuner.src.engine import conditions


def silence_conditions() -> None:
    """Leave out a `print` that was forgotten there."""
    conditions.print = lambda *words: None
