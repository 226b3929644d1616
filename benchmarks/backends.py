"""`facemtl fit` under Keras's backends: error over seeds, and time a step.

    python benchmarks/backends.py --python jax=.venv-jax/bin/python \
        --python torch=.venv-torch/bin/python

Each backend needs a Python that has facemtl with its extra `train` beside the
backend. Networks of the preset `split` are trained for a few epochs on drawn
faces; then epochs of the same trainer are timed on one core, by processor time.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from facemtl.arguments import whole_number
from facemtl.errors import InputError
from facemtl.files.destinations import check_file
from facemtl.files.writing import write_whole
from facemtl.process.cli import load_tensorflow, run
from facemtl.process.keras_settings import BACKENDS

FACES, EPOCHS, BATCH, ROUNDS = 1000, 6, 32, 3
OUT = Path(__file__).with_name("backends.json")
SETTINGS = (
    "data.source=synthetic",
    f"data.faces={FACES}",
    f"train.epochs={EPOCHS}",
    f"train.batch_size={BATCH}",
)


def errors(seeds: int) -> dict[str, Any]:
    """Return the test errors of this process's backend, one a seed."""
    load_tensorflow(backends=BACKENDS)
    import facemtl

    found: list[float] = []
    for seed in range(seeds):
        given = [*SETTINGS, f"train.seed={seed}"]
        config = facemtl.load_config("split", settings=given)
        with TemporaryDirectory() as folder:
            report = facemtl.train(config, folder, verbose=0)
        found.append(report["scores"]["test"]["landmarks"]["mean_error_box"])
    return {
        "errors": found,
        "machine": report["machine"],
        "versions": report["versions"],
    }


def times() -> dict[str, Any]:
    """Return milliseconds of processor time a step, of each timed epoch."""
    # Threads that wait for others would count as work.
    os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])
    load_tensorflow(backends=BACKENDS)
    from training import FACES as TIMED
    from training import facemtl_epoch

    epoch = facemtl_epoch("split", BATCH)
    epoch()
    spent = []
    for _ in range(ROUNDS):
        start = time.process_time()
        epoch()
        spent.append(1000 * (time.process_time() - start) / (TIMED // BATCH))
    return {"milliseconds_a_step": spent}


def measured(backend: str, python: str, *words: str) -> dict[str, Any]:
    """Return a result of a backend, in a process of its own."""
    command = [python, __file__, *words]
    done = subprocess.run(
        command,
        env={**os.environ, "KERAS_BACKEND": backend},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        last = (done.stderr.splitlines() or [""])[-1]
        raise InputError(
            f"Expected a result of {python} under {backend}. Received: {last}"
        )
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def table(results: Mapping[str, Any]) -> str:
    """Return the results in Markdown."""
    from scipy.stats import ttest_ind

    first = results["tensorflow"]
    least = median(first["milliseconds_a_step"])
    seeds = len(first["errors"])
    lines = [
        f"`facemtl fit` under Keras's backends: `split`, {FACES:,} drawn "
        f"faces, {EPOCHS} epochs, batches of {BATCH}. Error of landmarks on "
        f"test faces in percent of the box, mean ± standard deviation of "
        f"{seeds} seeds, and the 95 % interval of the difference from "
        "TensorFlow (Welch's t: first weights differ). Milliseconds of "
        f"processor time a step on one core, median of {ROUNDS} epochs; "
        f"{first['machine']}.",
        "Made by `python benchmarks/backends.py`; its first lines say how.\n",
        "| backend | version | error | difference | ms a step | relative |",
        "|---|---|---|---|---|---|",
    ]
    for name, row in results.items():
        errors, ms = row["errors"], median(row["milliseconds_a_step"])
        apart = ""
        if name != "tensorflow":
            test = ttest_ind(errors, first["errors"], equal_var=False)
            low, high = test.confidence_interval()
            apart = f"{low:+.2f} to {high:+.2f}"
        lines.append(
            f"| {name} | {row['versions'][name]} | {np.mean(errors):.2f} ± "
            f"{np.std(errors, ddof=1):.2f} | {apart} | {ms:.0f} | "
            f"{ms / least:.1f} |"
        )
    return "\n".join(lines) + "\n"


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, and write JSON and Markdown."""
    parser = argparse.ArgumentParser(description="Training by backend.")
    parser.add_argument(
        "--python",
        action="append",
        default=[],
        metavar="BACKEND=PATH",
        help="the Python of a backend, jax or torch; may be repeated",
    )
    parser.add_argument("--seeds", type=whole_number, default=3)
    parser.add_argument(
        "--times",
        action="store_true",
        help="measure the times anew, and keep the errors in the result",
    )
    parser.add_argument("--worker", choices=("errors", "times"), default="")
    parser.add_argument("--out", default=str(OUT), metavar="JSON")
    args = parser.parse_args(argv)
    if args.worker:
        part = times() if args.worker == "times" else errors(args.seeds)
        print(json.dumps(part))
        return 0
    check_file(args.out, "--out")
    pythons = {"tensorflow": sys.executable}
    pythons |= dict(words.split("=", 1) for words in args.python)
    results = json.loads(Path(args.out).read_text()) if args.times else {}
    for backend, python in pythons.items():
        if not args.times:
            seeds = ("--seeds", str(args.seeds))
            results[backend] = measured(
                backend, python, "--worker", "errors", *seeds
            )
        results[backend] |= measured(backend, python, "--worker", "times")
        print(backend, results[backend], flush=True)
    write_whole(json.dumps(results, indent=1) + "\n", Path(args.out))
    write_whole(table(results), Path(args.out).with_suffix(".md"))
    return 0


if __name__ == "__main__":
    run(main)
