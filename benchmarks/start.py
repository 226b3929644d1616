"""The start of training, and its memory, with cached crops.

    python benchmarks/start.py --faces 10000 100000

For each number of faces, processes of their own cut the crops into a cache,
then train from it: one call of the training step (ten steps), and one epoch.
Labels are those of synthetic faces; photos are noise, which takes no time to
draw. Times are processor time on one thread. Memory is the most that a process
held; pages of files that the system keeps for itself are not counted.
"""

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from facemtl.arguments import checked_count, whole_number
from facemtl.files.destinations import check_file
from facemtl.files.writing import write_whole
from facemtl.process.cli import load_tensorflow, run

OUT = Path(__file__).with_name("start.json")
COUNTS = (1_000, 10_000, 100_000)


def noise(images: Any, name: str) -> np.ndarray:
    """Return the photo of a face, the same for the same name."""
    drawn = np.random.default_rng([*name.encode()])
    size = (images.size, images.size, 3)
    return drawn.integers(0, 256, size, np.uint8)


def peak_gigabytes() -> float:
    """Return the most memory that this process has held."""
    text = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(re.findall(r"VmHWM:\s+(\d+)", text)[0]) * 1024 / 1e9


def started(faces: int, cache: str, steps: str) -> dict[str, float]:
    """Train in this process, and return its seconds and memory.

    Args:
        faces: number of training faces.
        cache: the cache of crops.
        steps: "none" cuts crops, "one" ends after the first call of the step,
            "epoch" after the first epoch.
    """
    began = time.process_time()
    load_tensorflow()
    imported = time.process_time() - began
    train_until(faces, cache, steps)
    return {
        "cpu_seconds": round(time.process_time() - began, 2),
        "import_seconds": round(imported, 2),
        "peak_gigabytes": round(peak_gigabytes(), 2),
    }


def train_until(faces: int, cache: str, steps: str) -> None:
    """Train on noise photos until `steps` are done, see `started`."""
    import keras

    import facemtl
    from facemtl.data.synthetic.faces import DrawnImages
    from facemtl.training import trainer

    DrawnImages.read = noise  # type: ignore[method-assign, assignment]

    class End(Exception):
        """Ends training."""

    class Stop(keras.callbacks.Callback):
        """Ends training at a batch or an epoch."""

        def on_train_begin(self, logs: Any = None) -> None:
            if steps == "none":
                raise End

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            if steps == "one":
                raise End

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            raise End

    made = trainer._callbacks
    trainer._callbacks = lambda *x: [Stop(), *made(*x)]
    config = facemtl.load_config(
        "single",
        settings=[
            *("data.source=synthetic", f"data.faces={faces}"),
            *(f"data.cache={cache}", "train.threads=1"),
        ],
    )
    with tempfile.TemporaryDirectory() as folder, suppress(End):
        facemtl.train(config, folder, verbose=0)


def in_process(faces: int, cache: str, steps: str) -> dict[str, float]:
    """Call `started` in a process of its own."""
    words = [str(faces), cache, steps]
    done = subprocess.run(
        [sys.executable, __file__, "--started", *words],
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def measure(faces: int) -> dict[str, Any]:
    """Measure a number of faces, with a cache of its own."""
    with tempfile.TemporaryDirectory() as cache:
        found = {
            "cut": in_process(faces, cache, "none"),
            "first_steps": in_process(faces, cache, "one"),
            "epoch": in_process(faces, cache, "epoch"),
        }
        files = [file.stat().st_size for file in Path(cache).iterdir()]
    return {**found, "cache_gigabytes": round(sum(files) / 1e9, 3)}


def table(result: dict[str, Any]) -> str:
    """Return the result in Markdown."""
    lines = [
        "Start of training `single`, one thread; "
        f"{result['machine']}, TensorFlow {result['tensorflow']}. CPU-seconds "
        "of a whole process and the most memory it held, in GB.",
        "",
        f"Command: `{result['command']}`.",
        "",
        "| faces | cache | cut the crops | first ten steps, cached | "
        "of it import | first epoch, cached |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for faces, x in result["faces"].items():
        cut, first, epoch = (
            f"{x[key]['cpu_seconds']:,.1f} s, {x[key]['peak_gigabytes']:.2f}"
            for key in ("cut", "first_steps", "epoch")
        )
        lines.append(
            f"| {int(faces):,} | {x['cache_gigabytes']:.2f} | {cut} | {first} "
            f"| {x['first_steps']['import_seconds']:.1f} s | {epoch} |"
        )
    return "\n".join(lines) + "\n"


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, and write JSON and Markdown."""
    words = sys.argv[1:] if argv is None else list(argv)
    if words[:1] == ["--started"]:
        print(json.dumps(started(int(words[1]), words[2], words[3])))
        return 0
    parser = argparse.ArgumentParser(description="The start of training.")
    parser.add_argument(
        "--faces",
        type=whole_number,
        nargs="+",
        default=COUNTS,
        help="numbers of training faces (default: %(default)s)",
    )
    parser.add_argument(
        "--out",
        default=str(OUT),
        metavar="JSON",
        help="result; the table is written beside it as .md",
    )
    args = parser.parse_args(words)
    for faces in args.faces:
        checked_count("--faces", faces)
    check_file(args.out, "--out")
    file = Path(args.out)
    load_tensorflow()
    import tensorflow as tf

    command = "python benchmarks/start.py"
    if list(args.faces) != list(COUNTS):
        command += f" --faces {' '.join(map(str, args.faces))}"
    result: dict[str, Any] = {
        "command": command,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "tensorflow": tf.__version__,
        "faces": {},
    }
    for faces in args.faces:
        result["faces"][str(faces)] = measure(faces)
        print(faces, result["faces"][str(faces)], flush=True)
    write_whole(json.dumps(result, indent=2) + "\n", file)
    write_whole(table(result), file.with_suffix(".md"))
    return 0


if __name__ == "__main__":
    run(main)
