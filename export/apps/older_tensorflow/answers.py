"""Compare predictions of the older TensorFlow. This file needs no facemtl."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from .ask import QUESTIONS, SAVED_MODEL, ask, read_answers
from .limits import LAYER, VARY

KINDS = {"landmarks": "points", "classes": "probabilities", "value": "values"}


class SavedModelLayer(tf.keras.layers.Layer):
    """A signature as a layer, because Keras 2 has no `TFSMLayer`.

    Args:
        folder: a SavedModel.
        signature: name of a signature with the input `crops`.
    """

    def __init__(self, folder: str, signature: str) -> None:
        super().__init__()
        self._loaded = tf.saved_model.load(folder)  # Keeps its weights alive.
        self._call = self._loaded.signatures[signature]

    def call(self, crops: tf.Tensor) -> dict[str, tf.Tensor]:
        return self._call(crops=crops)


def compare_network(folder: Path) -> dict[str, Any]:
    """Return the largest differences per signature, and Keras 2's support.

    Args:
        folder: a folder of `reference.py`.
    """
    loaded = tf.saved_model.load(str(folder / SAVED_MODEL))
    wanted = read_answers(folder / "answers.npz")
    found = ask(loaded.signatures, folder)
    found[LAYER] = answers_of_layer(folder)
    wanted[LAYER] = wanted["serving_default"]
    about = json.loads((folder / "exported/facemtl.json").read_text("utf-8"))
    return {
        "signatures": {
            name: differences(found[name], answers, name, about)
            for name, answers in wanted.items()
        },
        "tf.keras.models.load_model": said_by_keras(folder / SAVED_MODEL),
    }


def differences(
    found: dict[str, np.ndarray],
    wanted: dict[str, np.ndarray],
    signature: str,
    about: dict[str, Any],
) -> dict[str, float]:
    """Return {kind of prediction: largest difference} over the tasks.

    A prediction that is missing or has another shape is NaN, which exceeds
    every limit. The result also contains the variation of points over faces.
    """
    crops = not signature.startswith("faces")
    largest: dict[str, float] = {}
    for task in about["tasks"]:
        name, kind = task["name"], KINDS[task["kind"]]
        unit = about["crop"]["size"] if crops and kind == "points" else 1
        theirs = wanted[name]
        off = unit * _largest(found.get(name, np.empty(0)), theirs)
        largest[kind] = float(np.maximum(largest.get(kind, 0.0), off))
        if kind == "points":
            spread = unit * theirs.std(axis=0).mean()
            largest[VARY] = float(f"{spread:.3g}")
    return largest


def _largest(mine: np.ndarray, theirs: np.ndarray) -> float:
    if mine.shape != theirs.shape:
        return np.nan
    return float(f"{np.abs(mine - theirs).max():.3g}")


def answers_of_layer(folder: Path) -> dict[str, np.ndarray]:
    """Return predictions from crops in a functional Keras 2 model."""
    with np.load(folder / QUESTIONS) as asked:
        crops = asked["crops"].astype(np.float32)
    layer = SavedModelLayer(str(folder / SAVED_MODEL), "serving_default")
    image = tf.keras.Input(crops.shape[1:])
    model = tf.keras.Model(image, layer(image))
    return model.predict(crops, verbose=0)


def said_by_keras(folder: Path) -> str:
    """Return the effect of loading the SavedModel with Keras 2."""
    try:
        model = tf.keras.models.load_model(str(folder))
    except Exception as error:  # any error is part of the result
        return f"{type(error).__name__}: {str(error).splitlines()[0]}"
    kind = "a" if isinstance(model, tf.keras.Model) else "no"
    return f"gives a {type(model).__name__}, {kind} Keras model"
