"""The field's own benchmark: the 40 attributes of CelebA as 40 tasks.

    python examples/many_tasks.py --data MORE --out results/many_tasks

compares networks, weightings and balancings of `facemtl.mtl` at one size, with
λ tuned by KerasTuner as the baseline, and writes `many_tasks.json` and
`table.md`. A run that is finished is not trained again. Research use only.
"""

import argparse
import json
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from many_faces import Part, load
from many_table import BASELINES, constant_scores, results_of, table
from many_training import EPOCHS, Variant, scores, train, variants
from many_tuning import tune

from facemtl.errors import InputError
from facemtl.files.writing import write_json, write_whole
from facemtl.process.environment import machine, versions

SEEDS = 3
COMMAND = "python examples/many_tasks.py --data MORE --out results/many_tasks"
Parts = Mapping[str, Part]


def run_all(parts: Parts, folder: Path, seeds: Sequence[int]) -> None:
    """Train what is missing, seed by seed."""
    todo = [(variant, seed) for seed in seeds for variant in variants()]
    for place, (variant, seed) in enumerate(todo, start=1):
        file = folder / f"{variant.name}, seed {seed}.json"
        tuned: Mapping[str, float] = {}
        if variant.tuned:
            tuned = kept(folder / "lambdas.json", partial(tune, parts, folder))
        run = kept(file, partial(run_of, variant, tuned, seed, parts))
        said = np.mean(run["scores"]["validation"]["accuracy"])
        print(f"{place}/{len(todo)} {file.stem}: {said:.2f} %", flush=True)


def finished(folder: Path) -> dict[str, list[Any]]:
    """Return {variant: its runs} of variants with a run for each seed."""
    files = {
        v.name: [
            folder / f"{v.name}, seed {seed}.json" for seed in range(SEEDS)
        ]
        for v in variants()
    }
    return {
        name: [json.loads(file.read_text("utf-8")) for file in own]
        for name, own in files.items()
        if all(file.is_file() for file in own)
    }


def run_of(
    variant: Variant,
    tuned: Mapping[str, float],
    seed: int,
    parts: Parts,
) -> dict[str, Any]:
    """Train a variant; return its size, CPU seconds and scores."""
    start = time.process_time()
    model = train(variant, tuned, seed, parts["train"])
    seconds = time.process_time() - start
    return {
        "weights": int(model.network.count_params()),
        "seconds": round(seconds, 1),
        "scores": scores(model, parts),
    }


def kept(file: Path, make: Callable[[], Any]) -> Any:
    """Return what a file holds; make and write it whole if there is none."""
    if not file.is_file():
        write_json(make(), file)
    return json.loads(file.read_text(encoding="utf-8"))


def report(parts: Parts, folder: Path, out: Path) -> None:
    """Write results and table of the finished variants."""
    runs = finished(folder)
    if BASELINES[0] not in runs:
        raise InputError(
            f"Expected the runs of '{BASELINES[0]}' in --runs {folder}. "
            "Received: none. Train them without --finished."
        )
    content = {
        "command": COMMAND,
        "machine": machine(),
        "versions": versions(),
        "faces": {name: len(part.x) for name, part in parts.items()},
        "seeds": SEEDS,
        "epochs": EPOCHS,
        "lambdas": json.loads((folder / "lambdas.json").read_text("utf-8")),
        "constant": constant_scores(parts["train"].y, parts["test"].y),
        "not_finished": [v.name for v in variants() if v.name not in runs],
        "variants": results_of(runs),
    }
    write_json(content, out / "many_tasks.json")
    write_whole(table(content), out / "table.md")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="MORE")
    parser.add_argument("--runs", type=Path, default=Path("runs/many_tasks"))
    parser.add_argument("--out", type=Path, default=Path("runs/many_tasks"))
    parser.add_argument(
        "--seed",
        type=int,
        choices=range(-1, SEEDS),
        help="train the runs of this seed alone, beside other processes; "
        "-1 tunes λ alone",
    )
    parser.add_argument(
        "--finished",
        action="store_true",
        help="train nothing; report the variants with all their runs",
    )
    words = parser.parse_args()
    try:
        command(words)
    except InputError as error:
        parser.exit(2, f"error: {error}\n")


def command(words: argparse.Namespace) -> None:
    """Train what the command names, and report unless it names a seed."""
    parts = load(words.data)
    for folder in (words.runs, words.out):
        folder.mkdir(parents=True, exist_ok=True)
    if words.seed == -1:
        kept(words.runs / "lambdas.json", partial(tune, parts, words.runs))
        return
    if not words.finished:
        one = words.seed is not None
        run_all(parts, words.runs, [words.seed] if one else range(SEEDS))
    if words.seed is None:
        report(parts, words.runs, words.out)


if __name__ == "__main__":
    main()
