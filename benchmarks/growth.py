"""How a training step grows: with streams, the size of crops, and tasks.

    python benchmarks/growth.py

One process and one thread; epochs of all networks are timed in turn, in
processor time. Beside them stand their multiply-adds, and a roofline: what one
core reaches in a product of large matrices, and in a copy of a large array.
A training step counts as three times the multiply-adds of a prediction.
"""

import argparse
import json
import math
import os
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np
from epochs import epoch_of
from growth_chart import BATCH, PASSES, draw
from in_turn import in_turn

from facemtl.arguments import checked_count, whole_number
from facemtl.files.destinations import check_file
from facemtl.files.writing import write_whole
from facemtl.markdown import table
from facemtl.process.cli import load_tensorflow, run

if TYPE_CHECKING:
    from facemtl import FaceNetwork, Faces

FACES = 1600
OUT = Path(__file__).with_name("growth.json")
CHART = Path(__file__).parent.parent / "docs/growth.svg"
STREAMS = (1, 2, 3, 4, 5)
SIZES = (40, 48, 64, 80, 96)
TASKS = (2, 5, 10, 20, 40)
TITLES = {
    "streams": "streams of a cross-stitch network (1: split)",
    "size": "pixels a side of the crop (split)",
    "tasks": "tasks (split)",
}


def faces_of(tasks: int) -> "Faces":
    """Return drawn faces with points and `tasks` - 1 classes."""
    import facemtl

    faces = facemtl.synthetic_faces(FACES)
    own = [faces.tasks[0]]
    labels = {own[0].name: faces.labels[own[0].name]}
    rng = np.random.default_rng(0)
    for i in range(1, tasks):
        task = facemtl.Task(f"class{i}", "classes", ("yes", "no"))
        own.append(task)
        labels[task.name] = rng.integers(0, 2, FACES).astype("int32")
    return replace(faces, tasks=tuple(own), labels=labels)


def streams_of(count: int, names: Sequence[str]) -> list[list[str]]:
    """Return the tasks of each stream; the last one has all that are left.

    Example:

    >>> streams_of(2, ["landmarks", "smile", "pose"])
    [['landmarks'], ['smile', 'pose']]
    """
    first = [[name] for name in names[: count - 1]]
    return [*first, list(names[count - 1 :])]


def case(axis: str, n: int) -> tuple[Callable[[], object], "FaceNetwork"]:
    """Return an epoch and its network."""
    import facemtl

    faces = faces_of(n if axis == "tasks" else 5)
    settings = [f"train.batch_size={BATCH}"]
    model = "split"
    if axis == "size":
        settings.append(f"data.size={n}")
    if axis == "streams" and n > 1:
        model = "cross_stitch"
        names = [task.name for task in faces.tasks]
        settings.append(f"model.streams={json.dumps(streams_of(n, names))}")
    return epoch_of(facemtl.load_settings(model, settings=settings), faces)


def measure(rounds: int) -> list[dict[str, Any]]:
    """Return milliseconds and multiply-adds of each network."""
    from facemtl.models.cost import multiply_adds

    axes = {"streams": STREAMS, "size": SIZES, "tasks": TASKS}
    cases = {
        (axis, n): case(axis, n) for axis, many in axes.items() for n in many
    }
    calls = {f"{axis} {n}": cases[axis, n][0] for axis, n in cases}
    spent = in_turn(calls, rounds, time.process_time)
    return [
        {
            "axis": axis,
            "n": n,
            "milliseconds": median(spent[f"{axis} {n}"]) * BATCH / FACES,
            "multiply_adds": multiply_adds(network),
            "moved": moved(network),
        }
        for (axis, n), (_, network) in cases.items()
    ]


def moved(network: "FaceNetwork") -> int:
    """Return the least bytes that a step of a batch moves.

    In each pass, a layer with weights reads its inputs and its weights, and
    writes its outputs.
    """
    layers = [layer for layer in network.layers if layer.weights]
    faces = sum(
        math.prod(x.shape[1:]) for layer in layers for x in keras_tensors(layer)
    )
    weights = sum(layer.count_params() for layer in layers)
    return 4 * PASSES * (BATCH * faces + weights)


def keras_tensors(layer: Any) -> list[Any]:
    """Return the inputs and outputs of a layer."""
    import keras

    return keras.tree.flatten((layer.input, layer.output))


def roof(rounds: int) -> dict[str, float]:
    """Return what one core reaches: GFLOP/s of a product, GB/s of a copy."""
    import tensorflow as tf

    n, big = 1024, np.ones(2**25, np.float32)
    matrix, target = tf.random.normal((n, n)), np.empty_like(big)
    calls: dict[str, Callable[[], object]] = {
        "product": lambda: tf.linalg.matmul(matrix, matrix).numpy(),
        "copy": lambda: np.copyto(target, big),
    }
    spent = in_turn(calls, rounds, time.process_time, warm_up=3)
    return {
        "gigaflops": 2 * n**3 / min(spent["product"]) / 1e6,
        "gigabytes": 2 * big.nbytes / min(spent["copy"]) / 1e6,
    }


def document(result: dict[str, Any]) -> str:
    """Return the result in Markdown."""
    lines = [
        f"Processor time of a training step of {BATCH} faces, one thread, the "
        f"median of {result['rounds']} epochs of {FACES} drawn faces in turn; "
        f"{result['machine']}, TensorFlow {result['tensorflow']}. One core "
        f"reaches {result['roof']['gigaflops']:.0f} GFLOP/s in a product of "
        f"large matrices, and copies {result['roof']['gigabytes']:.0f} GB/s.",
        "",
        f"Command: `{result['command']}`.",
        "",
    ]
    head = ["", "ms a step", "million multiply-adds a face", "GFLOP/s"]
    for axis, title in TITLES.items():
        rows = [
            [
                str(row["n"]),
                f"{row['milliseconds']:.1f}",
                f"{row['multiply_adds'] / 1e6:.1f}",
                f"{gigaflops(row):.0f}",
            ]
            for row in result["rows"]
            if row["axis"] == axis
        ]
        lines += [table([title, *head[1:]], rows), ""]
    return "\n".join(lines)


def gigaflops(row: dict[str, Any]) -> float:
    """Return the floating-point operations of a nanosecond of training."""
    operations = 2 * PASSES * BATCH * row["multiply_adds"]
    return float(operations / row["milliseconds"] / 1e6)


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, and write JSON, Markdown and the chart."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--rounds",
        type=whole_number,
        default=5,
        help="timed epochs of each network (default: %(default)s)",
    )
    parser.add_argument(
        "--out",
        default=str(OUT),
        metavar="JSON",
        help="result; the table is written beside it as .md",
    )
    parser.add_argument(
        "--chart", default=str(CHART), metavar="SVG", help="the chart"
    )
    args = parser.parse_args(argv)
    checked_count("--rounds", args.rounds)
    file = Path(check_file(args.out, "--out"))
    chart = Path(check_file(args.chart, "--chart"))
    os.environ["OMP_NUM_THREADS"] = "1"
    load_tensorflow()
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    result = {
        "command": "python benchmarks/growth.py",
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "tensorflow": tf.__version__,
        "rounds": args.rounds,
        "roof": roof(args.rounds),
        "rows": measure(args.rounds),
    }
    write_whole(json.dumps(result, indent=2) + "\n", file)
    text = document(result)
    write_whole(text, file.with_suffix(".md"))
    draw(result, chart)
    print(text)
    return 0


if __name__ == "__main__":
    run(main)
