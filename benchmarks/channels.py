"""Measure the cost of channels that do not fill a processor's registers.

    python benchmarks/channels.py

The networks are like the presets, with 24-64-96-128-128 channels scaled by a
factor, or with multiples of 8 or 16. The command times a face in TFLite
(float16) and a training step of 32 faces, on one thread, in turn, and reports
medians. Weights are untrained, which does not affect the time. Run it on an
idle machine. The result is `benchmarks/channels.json`.
"""

import argparse
import json
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from in_turn import medians

from facemtl.files.destinations import check_file
from facemtl.process.cli import load_tensorflow, run
from facemtl.process.environment import machine, versions

FILE = Path(__file__).with_suffix(".json")
COMMAND = "python benchmarks/channels.py"
FACE_ROUNDS, STEP_ROUNDS = 1000, 20
FACES = 32
SIZE = 40
NETWORKS: dict[str, dict[str, Any]] = {
    "width 0.35": {"width": 0.35},
    "8-16-32-48-128": {"channels": (8, 16, 32, 48, 128)},
    "width 0.72": {"width": 0.72},
    "16-48-64-96-128": {"channels": (16, 48, 64, 96, 128)},
}


def main(argv: Sequence[str] | None = None) -> int:
    """Measure all networks; write and print the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", metavar="FILE", default=FILE)
    args = parser.parse_args(argv)
    args.out = check_file(args.out, "--out")
    load_tensorflow()
    import tensorflow as tf

    from facemtl.files.writing import write_json
    from facemtl.models import FaceNetwork
    from facemtl.models.cost import multiply_adds, parameters
    from facemtl.tasks import MTFL_TASKS

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    form: dict[str, Any] = {"blocks": "residual", "landmarks": "heatmap"}
    crop = {"size": SIZE}
    networks = {
        name: FaceNetwork(MTFL_TASKS, crop, **form, **own)
        for name, own in NETWORKS.items()
    }
    face = medians({k: one_face(x) for k, x in networks.items()}, FACE_ROUNDS)
    step = medians({k: one_step(x) for k, x in networks.items()}, STEP_ROUNDS)
    rows = {
        name: {
            "parameters": parameters(network),
            "multiply_adds": multiply_adds(network),
            "face_microseconds": round(1e3 * face[name], 1),
            "step_milliseconds": round(step[name], 1),
        }
        for name, network in networks.items()
    }
    result = {
        "command": COMMAND,
        "machine": machine(),
        "versions": versions("ai-edge-litert"),
        "networks": rows,
    }
    write_json(result, args.out)
    print(json.dumps(rows, indent=1))
    return 0


def one_face(network: Any) -> Callable[[], object]:
    """Return a function that predicts one face with LiteRT."""
    from facemtl.export.formats import export_network
    from facemtl.inference.runtimes import load_network

    crop = np.zeros((1, SIZE, SIZE, 1), np.uint8)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "network.keras"
        network.save(file)
        words = (file, folder, ["tflite"], ["float16"])
        export_network(*words, verbose=0)
        lite = load_network(Path(folder) / "model_float16.tflite")
    return lambda: lite.answer(crop)


def one_step(network: Any) -> Callable[[], object]:
    """Return a training step on random faces."""
    import keras
    import tensorflow as tf

    crops = tf.random.uniform((FACES, SIZE, SIZE, 1), 0, 255, seed=0)
    optimizer = keras.optimizers.AdamW()
    weights = network.trainable_variables
    optimizer.build(weights)

    @tf.function
    def step() -> None:
        with tf.GradientTape() as tape:
            answers = network(crops, training=True).values()
            loss = sum(tf.reduce_mean(tf.square(y)) for y in answers)
        optimizer.apply(tape.gradient(loss, weights), weights)

    return step


if __name__ == "__main__":
    run(main)
