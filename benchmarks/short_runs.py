"""What a study of short runs takes, by how their processes start.

    python benchmarks/short_runs.py

The same study of drawn faces is trained twice, each time in a process and a
folder of its own: once as on Linux, where the processes of the runs are forked
from one that has imported TensorFlow, and once as elsewhere, where each of them
imports it. CPU-seconds are those of the study and of all its processes. The
weights of both must be the same to the last bit.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from facemtl.arguments import checked_count, whole_number
from facemtl.files.destinations import check_file
from facemtl.files.writing import write_json, write_whole
from facemtl.process.cli import load_tensorflow, run
from facemtl.process.environment import machine, versions

OUT = Path(__file__).with_name("short_runs.json")
WAYS = {
    "started": "each imports TensorFlow",
    "forked": "forked from one that has imported it",
}
SETTINGS = (
    *("data.faces=64", "model.width=0.25"),
    *("train.epochs=2", "train.batch_size=16"),
)


def train_study(way: str, runs: int, jobs: int, folder: str) -> None:
    """Train the study in this process."""
    from facemtl.config import load_config
    from facemtl.studies import processes
    from facemtl.studies.run import list_runs
    from facemtl.studies.runner import train_all
    from facemtl.studies.study import Study, Variant

    processes.FORKS = way == "forked"
    cache = f"data.cache={folder}/cache"
    config = load_config("cross_stitch", settings=[*SETTINGS, cache])
    one = (Variant("stitched", "", config),)
    study = Study("short", "Short", "Short?", runs, (), one)
    train_all(list_runs(study, "synthetic", f"{folder}/runs"), jobs)


def measure(way: str, runs: int, jobs: int, folder: str) -> dict[str, float]:
    """Return the seconds of a study in a process of its own."""
    words = ["--train", way, str(runs), str(jobs), folder]
    began = time.monotonic()
    started = subprocess.Popen(
        [sys.executable, __file__, *words], stdout=subprocess.DEVNULL
    )
    _, status, used = os.wait4(started.pid, 0)
    started.returncode = os.waitstatus_to_exitcode(status)
    if started.returncode:
        raise RuntimeError(f"{way}: exit status {started.returncode}")
    return {
        "seconds": round(time.monotonic() - began, 1),
        "cpu_seconds": round(used.ru_utime + used.ru_stime, 1),
    }


def weights(folder: str) -> list[bytes]:
    """Return all numbers of the states of the runs, run by run."""
    found = []
    for file in sorted(Path(folder).glob("runs/*/state.npz")):
        with np.load(file) as arrays:
            # The last of them is no weight; it has the seconds.
            found += [arrays[k].tobytes() for k in arrays if k != "state"]
    return found


def compare(runs: int, jobs: int, rounds: int) -> dict[str, Any]:
    """Return the medians of each way; check that the weights are the same."""
    found: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    for _ in range(rounds):
        trained = []
        for way, times in found.items():
            with tempfile.TemporaryDirectory() as folder:
                times.append(measure(way, runs, jobs, folder))
                trained.append(weights(folder))
            print(way, times[-1], flush=True)
        if not trained[0] or trained[0] != trained[1]:
            raise RuntimeError("Expected the same weights. Received: others.")
    return {
        way: {key: median(x[key] for x in times) for key in times[0]}
        for way, times in found.items()
    }


def table(result: dict[str, Any]) -> str:
    """Return the result in Markdown."""
    lines = [
        f"A study of {result['runs']} runs, 64 drawn faces and two epochs "
        f"each, {result['jobs']} at a time; {result['machine']}, TensorFlow "
        f"{result['versions']['tensorflow']}.",
        "",
        f"Command: `{result['command']}`.",
        "",
        "| processes of the runs | CPU-seconds of the whole study |",
        "| --- | --- |",
    ]
    lines += [
        f"| {words} | {result['ways'][way]['cpu_seconds']:.1f} |"
        for way, words in WAYS.items()
    ]
    return "\n".join(lines) + "\n"


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, and write JSON and Markdown."""
    words = sys.argv[1:] if argv is None else list(argv)
    if words[:1] == ["--train"]:
        way, runs, jobs, folder = words[1:]
        train_study(way, int(runs), int(jobs), folder)
        return 0
    parser = argparse.ArgumentParser(description="The start of short runs.")
    numbers = {"runs": 6, "jobs": 2, "rounds": 1}
    for name, value in numbers.items():
        add = parser.add_argument
        add(f"--{name}", type=whole_number, default=value, metavar="N")
    parser.add_argument(
        "--out",
        default=str(OUT),
        metavar="JSON",
        help="result; the table is written beside it as .md",
    )
    args = parser.parse_args(words)
    given = {name: getattr(args, name) for name in numbers}
    for name, value in given.items():
        checked_count(f"--{name}", value)
    file = check_file(args.out, "--out")
    load_tensorflow()
    command = "python benchmarks/short_runs.py"
    for name, value in given.items():
        command += f" --{name} {value}" * (value != numbers[name])
    result: dict[str, Any] = {
        "command": command,
        "machine": machine(),
        "versions": versions(),
        **given,
        "ways": compare(**given),
    }
    write_json(result, file)
    write_whole(table(result), file.with_suffix(".md"))
    print(json.dumps(result["ways"]))
    return 0


if __name__ == "__main__":
    run(main)
