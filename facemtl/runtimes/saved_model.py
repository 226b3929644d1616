"""A SavedModel that `facemtl export` wrote, by TensorFlow alone."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import tensorflow as tf

from facemtl.errors import InputError
from facemtl.runtimes.runtime import Runtime
from facemtl.sidecar import INPUT, NAME, Sidecar, read_sidecar

# TensorFlow's own place for files of its users.
EXTRA = "assets.extra"


class SavedModelRuntime(Runtime):
    """A SavedModel's signature `serving_default`.

    Args:
        model: as `tf.saved_model.load` gives it.
        sidecar: its names and crops.
    """

    def __init__(self, model: tf.Module, sidecar: Sidecar) -> None:
        super().__init__(sidecar.tasks, sidecar.crop, sidecar.box_convention)
        self._model = model  # Else its variables are lost.
        self._call = model.signatures["serving_default"]

    def answer(self, crops: np.ndarray) -> Mapping[str, np.ndarray]:
        answers = self._call(**{INPUT: tf.constant(crops, tf.float32)})
        return {k: y.numpy() for k, y in answers.items()}


def load(path: Path) -> SavedModelRuntime:
    """See `facemtl.runtimes.load_network`."""
    sidecar = read_sidecar(path / EXTRA / NAME)
    try:
        return SavedModelRuntime(tf.saved_model.load(path), sidecar)
    except (OSError, ValueError, KeyError, tf.errors.OpError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{path}: not a whole SavedModel: {reason}") from None
