"""Size, cost and time of a training step of each architecture.

    python benchmarks/architectures.py

writes `architectures.json` and `architectures.md`. The networks have their
default size and learn MTFL's five tasks, and `single` the points alone. Epochs
of `facemtl fit` on drawn faces are timed in turn by processor time, on one
thread.
"""

import argparse
import json
import os
import platform
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

from in_turn import in_turn

from facemtl.arguments import checked_count, whole_number
from facemtl.files.destinations import check_file
from facemtl.files.writing import write_whole
from facemtl.process.cli import load_tensorflow, run
from facemtl.settings import ARCHITECTURES

BATCH = 32
OUT = Path(__file__).with_name("architectures.json")


def cost(name: str) -> dict[str, int]:
    """Return the parameters and multiply-adds of an architecture."""
    from facemtl import MTFL_TASKS, load_settings
    from facemtl.models.cost import multiply_adds, parameters
    from facemtl.training.preparation import build_network, wanted_tasks

    tasks = wanted_tasks(MTFL_TASKS, [], name)
    network = build_network(load_settings(name), tasks)
    return {
        "parameters": parameters(network),
        "multiply_adds": multiply_adds(network),
    }


def measure(rounds: int) -> dict[str, Any]:
    """Return the cost and the milliseconds a step of each architecture."""
    from training import FACES, facemtl_epoch

    epochs = {name: facemtl_epoch(name, BATCH) for name in ARCHITECTURES}
    spent = in_turn(epochs, rounds, process_time, warm_up=2)
    steps = FACES // BATCH
    return {
        name: {
            **cost(name),
            "milliseconds_a_step": round(median(times) / steps, 2),
            "least_milliseconds_a_step": round(min(times) / steps, 2),
        }
        for name, times in spent.items()
    }


def table(result: dict[str, Any]) -> str:
    """Return the result in Markdown."""
    lines = [
        "Networks of the default size for MTFL's five tasks, `single` for the "
        f"points alone. CPU time of a training step of {BATCH} faces on one "
        f"thread, median of {result['rounds']} epochs in turn; "
        f"{result['machine']}. Made by `{result['command']}`.\n",
        "| architecture | parameters | multiply-adds, million | ms a step |",
        "|---|---|---|---|",
    ]
    for name, x in result["architectures"].items():
        lines.append(
            f"| `{name}` | {x['parameters']:,} "
            f"| {x['multiply_adds'] / 1e6:.1f} "
            f"| {x['milliseconds_a_step']:.1f} |"
        )
    return "\n".join(lines) + "\n"


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, and write JSON and Markdown."""
    parser = argparse.ArgumentParser(description="Cost of the architectures.")
    parser.add_argument(
        "--rounds",
        type=whole_number,
        default=7,
        help="timed epochs of each architecture (default: %(default)s)",
    )
    parser.add_argument(
        "--out",
        default=str(OUT),
        metavar="JSON",
        help="result; the table is written beside it as .md",
    )
    args = parser.parse_args(argv)
    checked_count("--rounds", args.rounds)
    file = check_file(args.out, "--out")
    os.environ["OMP_NUM_THREADS"] = "1"
    load_tensorflow()
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    result = {
        "command": "python benchmarks/architectures.py",
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "rounds": args.rounds,
        "architectures": measure(args.rounds),
    }
    print(table(result))
    write_whole(json.dumps(result, indent=1) + "\n", file)
    write_whole(table(result), file.with_suffix(".md"))
    return 0


if __name__ == "__main__":
    run(main)
