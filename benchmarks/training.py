"""Training of facemtl beside PyTorch and plain Keras, in faces a CPU-second.

    python benchmarks/training.py

One process and one thread; the trainers' epochs are timed in turn by processor
time, on noise in the shape of crops. All have TCDCN's layers. PyTorch and
facemtl also have the same losses, augmentation, optimizers and average of the
weights; PyTorch's loop computes no metrics. Needs PyTorch beside facemtl's own
packages (`pip install torch`).
"""

import argparse
import json
import os
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from epochs import epoch_of
from in_turn import in_turn

from facemtl.arguments import checked_count, whole_number
from facemtl.files.destinations import check_file
from facemtl.files.writing import write_whole
from facemtl.process.cli import load_tensorflow, run
from facemtl.process.packages import check_packages

FACES, BATCH = 3200, 32
OUT = Path(__file__).with_name("training.json")
# Towers and tasks of each network, and its regularization.
NETWORKS = {
    "single": (1, 1),
    "split": (1, 5),
    "cross_stitch": (2, 5),
    "cross_stitch_regularized": (2, 5),
}


def facemtl_epoch(name: str, batch: int) -> Callable[[], object]:
    """Return a function that trains one epoch as `facemtl fit` does."""
    import facemtl

    chosen = ['model.tasks=["landmarks"]'] if name == "single" else []
    settings = facemtl.load_settings(
        name, settings=[*chosen, f"train.batch_size={batch}"]
    )
    faces = facemtl.synthetic_faces(FACES)
    if name == "single":
        points = {"landmarks": faces.labels["landmarks"]}
        faces = replace(faces, tasks=faces.tasks[:1], labels=points)
    return epoch_of(settings, faces)[0]


def trainers(name: str, batch: int) -> dict[str, Callable[[], object]]:
    """Return one epoch of each trainer."""
    import training_keras
    import training_torch

    towers, tasks = NETWORKS[name]
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (FACES, 60, 60, 1), np.uint8)
    labels = [rng.uniform(size=(FACES, 5, 2)).astype("float32")]
    labels += [rng.integers(0, k, FACES) for k in training_torch.CLASSES]
    made = {"facemtl": facemtl_epoch(name, batch)}
    if name == "cross_stitch_regularized":  # Only facemtl has it.
        plain = facemtl_epoch("cross_stitch", batch)
        return made | {"facemtl, not regularized": plain}
    given = (towers, tasks, images, labels, batch)
    inner = images[:, 10:50, 10:50]
    return made | {
        "PyTorch": training_torch.build(*given),
        "PyTorch, bfloat16": training_torch.build(*given, half=True),
        "plain Keras": training_keras.build(
            towers, tasks, inner, labels, batch
        ),
    }


def measure(name: str, batch: int, rounds: int) -> dict[str, Any]:
    """Return faces a CPU-second of each trainer, and the paired ratios."""
    spent = in_turn(trainers(name, batch), rounds, time.process_time, warm_up=2)
    own = np.array(spent["facemtl"])
    steps = FACES // batch
    return {
        trainer: {
            "milliseconds_a_step": round(median(times) / steps, 2),
            "least_milliseconds_a_step": round(min(times) / steps, 2),
            "faces_a_cpu_second": round(1000 * steps * batch / median(times)),
            "time_of_facemtl": round(
                float(np.median(own / np.array(times))), 3
            ),
        }
        for trainer, times in spent.items()
    }


def table(result: dict[str, Any]) -> str:
    """Return the result in Markdown."""
    lines = [
        f"Faces a CPU-second, one thread, batches of {result['batch']}, "
        f"median of {result['rounds']} epochs of {FACES} faces in turn; "
        f"{result['machine']}. In brackets: the time of facemtl, as a share of "
        "the row's (median of the pairs).",
        "",
        f"Command: `{result['command']}`. PyTorch {result['torch']}, "
        f"TensorFlow {result['tensorflow']}, Keras {result['keras']}.",
        "",
        "| network | trainer | faces a CPU-second | ms a step |",
        "| --- | --- | --- | --- |",
    ]
    for name, trainers_ in result["networks"].items():
        for trainer, x in trainers_.items():
            share = f" ({x['time_of_facemtl']:.2f})"
            lines.append(
                f"| {name} | {trainer} | {x['faces_a_cpu_second']:,}"
                f"{share * (trainer != 'facemtl')} "
                f"| {x['milliseconds_a_step']:.1f} |"
            )
    return "\n".join(lines) + "\n"


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, and write JSON and Markdown."""
    parser = argparse.ArgumentParser(description="Training beside its peers.")
    parser.add_argument(
        "--rounds",
        type=whole_number,
        default=7,
        help="timed epochs of each trainer (default: %(default)s)",
    )
    parser.add_argument(
        "--batch",
        type=whole_number,
        default=BATCH,
        help="faces per step (default: %(default)s)",
    )
    parser.add_argument(
        "--out",
        default=str(OUT),
        metavar="JSON",
        help="result; the table is written beside it as .md",
    )
    args = parser.parse_args(argv)
    checked_count("--rounds", args.rounds)
    checked_count("--batch", args.batch)
    check_file(args.out, "--out")
    file = Path(args.out)
    check_packages("benchmarks/training.py", "torch")
    os.environ["OMP_NUM_THREADS"] = "1"
    load_tensorflow()
    import keras
    import tensorflow as tf
    import torch

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    result = {
        "command": "python benchmarks/training.py",
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "rounds": args.rounds,
        "batch": args.batch,
        **{x.__name__: x.__version__ for x in (torch, tf, keras)},
        "networks": {},
    }
    for name in NETWORKS:
        result["networks"][name] = measure(name, args.batch, args.rounds)
        print(name, result["networks"][name], flush=True)
    text = json.dumps(result, indent=2) + "\n"
    write_whole(text, file)
    write_whole(table(result), file.with_suffix(".md"))
    return 0


if __name__ == "__main__":
    run(main)
