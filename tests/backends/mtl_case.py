"""A small problem of two or more tasks, and its models, for any backend."""

from typing import Any

import keras
import numpy as np

RNG = np.random.default_rng(0)
X = RNG.normal(size=(32, 6)).astype("float32")
LABELS = {
    "size": X[:, :2].sum(axis=1, keepdims=True).astype("float32"),
    "parity": (X[:, 1:2] > 0).astype("float32"),
}
LOSSES = {"size": "mse", "parity": "binary_crossentropy"}


def heads(x: Any, tasks: tuple[str, ...] = ("size", "parity")) -> dict:
    """Linear heads named by their tasks; those but the first are sigmoids."""
    kinds = ["linear", *["sigmoid"] * len(tasks)]
    return {
        task: keras.layers.Dense(1, kind, name=task)(x)
        for task, kind in zip(tasks, kinds, strict=False)
    }


def network(listed: bool = False) -> keras.Model:
    """A trunk of 8 units with the heads of two tasks."""
    keras.utils.set_random_seed(0)
    x = keras.Input((6,))
    outputs = heads(keras.layers.Dense(8, "tanh", name="trunk")(x))
    return keras.Model(x, list(outputs.values()) if listed else outputs)


def numpy(tensor: Any) -> np.ndarray:
    return keras.ops.convert_to_numpy(tensor).copy()
