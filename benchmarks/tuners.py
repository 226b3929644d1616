"""Which tuner? Hyperband, Bayesian and random search at the same budget.

    python benchmarks/tuners.py --out results/tuning/tuners.json

On drawn faces, which need no data. The budget is epochs of training, the same
for all: Hyperband's 23 trials of 1, 3 and 9 epochs are 87 epochs, the others'
10 trials of 9 are 90. All begin at the untuned default. The best point of each
search is then trained with a seed that no search had, since the best score of
many is partly luck. A call that was cut off goes on where it was.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from facemtl.arguments import checked_count
from facemtl.files.destinations import check_file, check_folder
from facemtl.files.writing import write_json
from facemtl.markdown import mean_std
from facemtl.process.cli import run
from facemtl.process.environment import machine, versions

TRIALS = {"hyperband": 23, "bayesian": 10, "random": 10}
NEW_SEED = "100"
SPACE = Path(__file__).parents[1] / "tuning" / "space.toml"


def main(argv: Sequence[str] | None = None) -> int:
    """Search with each tuner and seed; write a JSON and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--faces", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--runs", default="runs/tuners")
    parser.add_argument("--out", required=True)
    args = parser.parse_args(argv)
    args.out = check_file(args.out, "--out")
    args.runs = check_folder(args.runs, "--runs")
    for name in ("seeds", "faces", "jobs"):
        checked_count(f"--{name}", getattr(args, name))
    args.runs.mkdir(parents=True, exist_ok=True)
    space = _space(args.faces, args.runs)
    asked = [(t, s) for s in range(args.seeds) for t in TRIALS]
    with ThreadPoolExecutor(args.jobs) as pool:
        found = list(pool.map(lambda x: _search(x[0], x[1], space), asked))
    result: dict[str, Any] = {
        "command": f"python benchmarks/tuners.py --seeds {args.seeds} "
        f"--faces {args.faces}",
        "machine": f"{machine()}, {args.jobs} searches at a time",
        "versions": versions("keras-tuner"),
        "unit": "validation mean error, % of the box",
        "tuners": {
            t: _gather([x for x in found if x["tuner"] == t]) for t in TRIALS
        },
    }
    write_json(result, args.out)
    for name, part in result["tuners"].items():
        print(f"{name:10} {part['found']} trained anew {part['anew']}")
    return 0


def _space(faces: int, folder: Path) -> Path:
    """The default space on so many drawn faces, in trials of 9 epochs."""
    changed = {
        "data.train_share": f"data.faces = {faces}",
        "train.epochs": "train.epochs = 9",
    }
    lines = [
        next((new for key, new in changed.items() if x.startswith(key)), x)
        for x in SPACE.read_text(encoding="utf-8").splitlines()
    ]
    file = folder / "space.toml"
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


def _search(tuner: str, seed: int, space: Path) -> dict[str, Any]:
    """One search, and its best point with a new seed."""
    out = space.with_name(f"{tuner}-{seed}")
    words = ["--data", "synthetic", "--space", str(space), "--out", str(out)]
    words += ["--tuner", tuner, "--seed", str(seed), "--confirm", "0"]
    words += ["--resume"] * out.exists()
    _run("tune", *words, "--max-trials", str(TRIALS[tuner]))
    search = json.loads((out / "search.json").read_text(encoding="utf-8"))
    best = next(x for x in search["trials"] if x["id"] == search["best"])
    # Its own configuration but for the seed, with the crops already cut.
    config = out / "trials" / f"trial_{best['id']}" / "run.toml"
    anew = out / "anew"
    given = (
        "--config",
        str(config),
        "--seed",
        NEW_SEED,
        "--out",
        str(anew),
        "--resume",
    )
    _run("fit", *given)
    report = json.loads((anew / "report.json").read_text(encoding="utf-8"))
    done = search["trials"]
    print(f"{tuner} {seed}: {best['score']}", flush=True)
    return {
        "tuner": tuner,
        "found": best["score"],
        "anew": report["scores"]["validation"]["landmarks"]["mean_error_box"],
        "epochs": sum(x["epochs"] for x in done),
        "trials": len(done),
        "failed": sum(x["status"] == "FAILED" for x in done),
        "seconds": sum(x["measures"].get("seconds", 0) for x in done),
    }


def _run(*words: str) -> None:
    command = [sys.executable, "-m", "facemtl", *words]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _gather(found: list[dict[str, Any]]) -> dict[str, Any]:
    """Mean and standard deviation over the seeds, and all numbers."""
    words = {
        key: mean_std([x[key] for x in found]) for key in ("found", "anew")
    }
    return {**words, "searches": found}


if __name__ == "__main__":
    run(main)
