"""Trials for TensorBoard's HParams page."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any


def write_hparams(
    folder: Path, values: Mapping[str, Any], measures: Mapping[str, float]
) -> None:
    """Write one trial; `tensorboard --logdir` of the folder above shows all.

    Args:
        folder: of the trial's events.
        values: {hyperparameter: value}; Hyperband's own are left out.
        measures: {name: number}.
    """
    import tensorflow as tf
    from tensorboard.plugins.hparams import api

    shown = {k: v for k, v in values.items() if not k.startswith("tuner/")}
    for old in folder.glob("events*"):
        old.unlink()
    with tf.summary.create_file_writer(str(folder)).as_default():
        api.hparams(shown, trial_id=folder.name)
        for name, number in measures.items():
            tf.summary.scalar(name, number, step=0)
