"""Train on one and on two devices, and print what came of it as JSON.

A program of its own: TensorFlow makes its devices before its first work.
"""

import json
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

import facemtl
from facemtl.errors import InputError
from facemtl.layers import BatchNormalization
from facemtl.mtl.weighting import UncertaintyWeighting
from facemtl.pipeline.crop_cache import CachePlan
from facemtl.training.callbacks import RunState
from facemtl.training.compiled import check_training
from facemtl.training.devices import strategy_of
from facemtl.training.learner import Learner
from facemtl.training.losses import LandmarkLoss
from facemtl.training.preparation import augment_border, build_network
from facemtl.training.trainer import fit_network

TASKS = facemtl.MTFL_TASKS[:2]
# Rounding alone does not move the weights apart.
RATE = 1e-6


def split_exactly(strategy: Any) -> list[np.ndarray]:
    """Weights before and after ten steps in float64, which rounds little.

    Nine faces are 4 and 5 of two devices; the first has no label of task b.
    """
    keras.utils.set_random_seed(5)
    layers = keras.layers
    x = keras.Input((8, 8, 1))
    y = layers.Conv2D(4, 3, use_bias=False)(x)
    y = layers.Flatten()(layers.ReLU()(BatchNormalization()(y)))
    term = facemtl.WeightRegularization("l2", factor=0.01)
    streams = facemtl.Twin(layers.Dense(6), 2, term)([y, y])
    heads = {}
    for name, stream in zip("ab", streams, strict=True):
        points = layers.Dense(4)(BatchNormalization()(stream))
        heads[name] = layers.Reshape((2, 2), name=name)(points)
    losses = {name: LandmarkLoss(dtype="float64") for name in heads}
    weighting = UncertaintyWeighting(["a", "b"])
    learner = Learner(
        keras.Model(x, heads),
        losses,
        weighting,
        devices=strategy,
    )
    learner.compile(keras.optimizers.SGD(1e-4, momentum=0.9))
    draw = np.random.default_rng(0)
    faces = draw.normal(100.0, 30.0, (9, 8, 8, 1))
    points = {"a": draw.random((9, 2, 2)), "b": draw.random((9, 2, 2))}
    known = {
        "a": (draw.random((9, 2)) < 0.6).astype("float64"),
        "b": np.array([0.0] * 4 + [1.0, 0, 1, 1, 1]),
    }
    weights = [learner.network.get_weights()]
    learner.fit(
        faces, points, 9, 10, sample_weight=known, shuffle=False, verbose=0
    )
    weights.append(learner.network.get_weights())
    return [np.concatenate([w.ravel() for w in own]) for own in weights]


def crops_of(devices: int):
    """Settings, and training and validation crops, partly labelled."""
    settings = facemtl.load_settings(
        "split",
        settings=[
            *("model.width=0.1", "train.batch_size=5", "train.epochs=2"),
            *(f"train.devices={devices}", f"train.learning_rate={RATE}"),
        ],
    )
    faces = facemtl.synthetic_faces(26).only(TASKS)
    faces.labels["smile"][::2] = -1
    faces.labels["landmarks"][::3, :2] = np.nan
    rows = np.arange(26)
    border = augment_border(settings.augment)
    plans = {True: CachePlan(facemtl.CropSpec(size=40), border, 2)}
    plans[False] = CachePlan(facemtl.CropSpec(size=40))
    return settings, [
        facemtl.crop_faces(
            faces.select((rows < 21) == part), plans[part], verbose=0
        )
        for part in (True, False)
    ]


def trained(devices: int, folder: Path) -> dict[str, np.ndarray]:
    """The saved state of a run, which goes on with one in the folder."""
    settings, crops = crops_of(devices)
    keras.utils.set_random_seed(0)
    network = build_network(settings, TASKS, {})
    fit_network(network, *crops, settings, folder, verbose=0)
    with np.load(folder / "state.npz") as kept:
        return {name: kept[name] for name in kept.files}


def interrupted(folder: Path) -> dict[str, np.ndarray]:
    """A run on two devices that was stopped after an epoch, and goes on."""
    save = RunState.on_epoch_end

    def stop(self, epoch: int, logs: object = None) -> None:
        save(self, epoch, logs)
        raise KeyboardInterrupt

    RunState.on_epoch_end = stop
    with suppress(KeyboardInterrupt):
        trained(2, folder)
    RunState.on_epoch_end = save
    return trained(2, folder)


def too_many(devices: int, batch_size: int) -> str:
    """The message of a run on more devices than it can use."""
    settings = facemtl.load_settings(
        settings=[f"train.devices={devices}", f"train.batch_size={batch_size}"]
    )
    try:
        check_training(TASKS, settings)
    except InputError as error:
        return str(error)
    return ""


def numbers(state: dict[str, np.ndarray]) -> np.ndarray:
    """Every array of a state as one: weights, optimizer and average."""
    return np.concatenate(
        [state[f"v{i}"].ravel() for i in range(len(state) - 1)]
    ).astype("float64")


def history(state: dict[str, np.ndarray]) -> list[dict[str, float]]:
    """The logs of the epochs of a state."""
    return json.loads(str(state["state"]))["history"]


def main(folder: Path) -> dict[str, object]:
    """Compare the devices."""
    cpu = tf.config.list_physical_devices("CPU")[0]
    two = [tf.config.LogicalDeviceConfiguration()] * 2
    tf.config.set_logical_device_configuration(cpu, two)
    keras.config.set_dtype_policy("float64")
    one, both = (split_exactly(strategy_of(n, 9)) for n in (1, 2))
    keras.config.set_dtype_policy("float32")
    start, end = one
    found: dict[str, object] = {
        "moved": float(np.abs(end - start).max()),
        "float64": float(np.abs(end - both[1]).max()),
    }
    one, both = (trained(n, folder / f"on{n}") for n in (1, 2))
    found["history"] = [history(one), history(both)]
    a, b = numbers(one), numbers(both)
    found["state"] = float(np.linalg.norm(a - b) / np.linalg.norm(a))
    resumed = interrupted(folder / "cut")
    found["resumed"] = bool(np.array_equal(b, numbers(resumed)))
    found["too_many"] = [too_many(3, 32), too_many(2, 1)]
    return found


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))
