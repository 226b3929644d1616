"""Compare the time of `ConvMaxPool` with Keras's Conv2D and MaxPooling2D.

    python benchmarks/conv_max_pool.py

The layer is the first stage of the TCDCN stack, 5 x 5 x 16 on gray crops of 40
and 96 px. The command times a forward pass and a training step (gradients of
input and weights) of 32 faces, on one thread. Both run in turn, so that other
load affects them equally. It reports minimum and median CPU time in
`benchmarks/conv_max_pool.json` and as a table in `benchmarks/conv_max_pool.md`.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from in_turn import in_turn

from facemtl.arguments import checked_count
from facemtl.files.destinations import check_file
from facemtl.files.writing import write_json, write_whole
from facemtl.process.cli import load_tensorflow, run
from facemtl.process.environment import machine, versions

FILE = Path(__file__).with_suffix(".json")
COMMAND = "python benchmarks/conv_max_pool.py"
SIZES = (40, 96)
FACES, FILTERS, KERNEL = 32, 16, 5
WARM_UP = 20


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, write JSON and a table, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=400, metavar="N")
    parser.add_argument("--out", metavar="FILE", default=FILE)
    args = parser.parse_args(argv)
    out = check_file(args.out, "--out")
    checked_count("--rounds", args.rounds)
    load_tensorflow()
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    rows = [
        {"size": size, "pass": name, **measure(size, name, args.rounds)}
        for size in SIZES
        for name in ("forward", "training step")
    ]
    result = {
        "command": COMMAND,
        "machine": machine(),
        "versions": versions(),
        "rounds": args.rounds,
        "rows": rows,
    }
    write_json(result, out)
    write_whole(table(result), out.with_suffix(".md"))
    print(table(result))
    return 0


def measure(size: int, kind: str, rounds: int) -> dict[str, Any]:
    """Return CPU milliseconds of both, minimum and median, and the ratio."""
    calls = {"fused": make_call(fused(), size, kind)}
    calls["pair"] = make_call(pair(), size, kind)
    kept = in_turn(calls, rounds, time.process_time, WARM_UP)
    return {
        **{f"{name}_min_ms": round(min(x), 3) for name, x in kept.items()},
        **{
            f"{name}_median_ms": round(median(x), 3) for name, x in kept.items()
        },
        "ratio_of_minima": round(min(kept["fused"]) / min(kept["pair"]), 2),
        "ratio_of_medians": round(
            median(kept["fused"]) / median(kept["pair"]), 2
        ),
    }


def fused() -> Any:
    """Return the fused layer."""
    from facemtl.layers import ConvMaxPool

    return ConvMaxPool(FILTERS, KERNEL)


def pair() -> Any:
    """Return Keras's two layers, which compute the same."""
    from keras import layers, models

    conv = layers.Conv2D(FILTERS, KERNEL)
    return models.Sequential([conv, layers.MaxPooling2D()])


def make_call(layer: Any, size: int, kind: str) -> Callable[[], object]:
    """Return a compiled forward pass, or one with its gradients."""
    import tensorflow as tf

    crops = tf.random.stateless_uniform((FACES, size, size, 1), (0, 0))
    layer(crops)
    weights = layer.trainable_variables

    @tf.function
    def forward() -> Any:
        return layer(crops + 0)  # prevents constant folding

    @tf.function
    def step() -> Any:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(layer(crops)))
        return tape.gradient(loss, weights)

    call = forward if kind == "forward" else step
    return lambda: [x.numpy() for x in tf.nest.flatten(call())]


def table(result: dict[str, Any]) -> str:
    """Return the result in Markdown."""
    head = (
        f"CPU milliseconds of {FACES} faces, minimum (median), on one thread "
        f"of {result['machine']}.\n\n"
        "| crop | pass | ConvMaxPool | Conv2D + MaxPooling2D | ratio |\n"
        "|---|---|---|---|---|\n"
    )
    return head + "".join(
        f"| {x['size']} px | {x['pass']} "
        f"| {x['fused_min_ms']:.2f} ({x['fused_median_ms']:.2f}) "
        f"| {x['pair_min_ms']:.2f} ({x['pair_median_ms']:.2f}) "
        f"| {x['ratio_of_minima']:.2f} ({x['ratio_of_medians']:.2f}) |\n"
        for x in result["rows"]
    )


if __name__ == "__main__":
    run(main)
