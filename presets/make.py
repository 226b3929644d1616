"""Train a preset, put it into the package, and write its card.

    python presets/make.py base --data data/MTFL --mirrored

trains `facemtl/presets/base.toml` on three seeds (finished runs are not
repeated), exports each as float16 TFLite, and scores the files. With
`--mirrored`, predictions are the means of a face and its mirror image and take
twice the time. The best seed on validation becomes
`facemtl/presets/base.tflite`, and `base.keras` with its sidecar `base.json` and
its card `base.md`. The scores of all seeds go to `presets/base.json`.
"""

import argparse
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from preset_runs import parsed_runs, runs_of, runs_parser

from facemtl.config import PRESETS
from facemtl.process.cli import run

HERE = Path(__file__).parent
FILE = "model_float16.tflite"
SEEDS = 3
# The entries of a run's report that are kept.
TRAINING = (
    *("seed", "best_epoch", "epochs", "training_seconds"),
    *("parameters", "multiply_adds"),
)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command's arguments."""
    parser = runs_parser(__doc__)
    parser.add_argument("preset", help="such as base")
    parser.add_argument("--mirrored", action="store_true")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument(
        "--set",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="override a setting of the preset, for experiments",
    )
    parser.add_argument(
        "--out",
        help="folder for all output, instead of the package; the scores go "
        "to its folder `scores`",
    )
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Train, export, score, choose, and write."""
    args = parsed_runs(parser(), argv)
    from calibrate import faces_of, measured
    from card import write_card
    from packed import file_facts
    from scoring import scores_of

    from facemtl.files.writing import write_json
    from facemtl.models import load_model
    from facemtl.tasks import MTFL_TASKS

    runs = trained(args)
    files = [exported(run.folder, args.mirrored) for run in runs]
    seeds = [scores_of(file, args.data) for file in files]
    result = described(args, [run.report() for run in runs], files, seeds)
    package = args.out or PRESETS
    scores = args.out / "scores" if args.out else HERE
    scores.mkdir(parents=True, exist_ok=True)
    name = args.preset
    best = result["seed"]
    shutil.copy(files[best], package / f"{name}.tflite")
    pack(runs[best].folder, args.mirrored, seeds[best], package, name)
    keras = package / f"{name}.keras"
    result["keras"] = file_facts(keras, command(args))
    fitted = runs[best].report()["calibration"]
    if fitted:  # With few validation faces, a run is not calibrated.
        result["confidence"] = {
            "command": command(args),
            "fitted": fitted,
            **measured(
                load_model(keras),
                package / f"{name}.tflite",
                faces_of(MTFL_TASKS, args.data),
            ),
        }
    write_json(result, scores / f"{name}.json")
    write_card(result, package / f"{name}.md")
    print((package / f"{name}.md").read_text(encoding="utf-8"))
    return 0


def described(
    args: argparse.Namespace,
    reports: list[dict[str, Any]],
    files: list[Path],
    seeds: list[dict[str, Any]],
) -> dict[str, Any]:
    """Return all numbers of a preset; `seed` is the best on validation."""
    from scoring import TILTED, pinned

    from facemtl.process.environment import machine, versions

    errors = [s["validation"]["landmarks"]["mean_error_box"] for s in seeds]
    best = errors.index(min(errors))
    file = files[best]
    return {
        "preset": args.preset,
        "command": command(args),
        "mirrored": args.mirrored,
        "machine": machine(),
        "versions": versions("ai-edge-litert"),
        "bytes": file.stat().st_size,
        "seed": best,
        "training": [{k: x[k] for k in TRAINING} for x in reports],
        "pinned": {
            "validation": pinned(file, args.data),
            "drawn": pinned(file),
            "tilted": pinned(file, args.data, TILTED),
        },
        "seeds": seeds,
    }


def command(args: argparse.Namespace) -> str:
    """Return a command that repeats this one."""
    words = ["python presets/make.py", args.preset, "--data data/MTFL"]
    words += ["--mirrored"] * args.mirrored
    words += [f"--seeds {args.seeds}"] * (args.seeds != SEEDS)
    words += [f"--set {setting}" for setting in args.set]
    return " ".join(words)


def trained(args: argparse.Namespace) -> list[Any]:
    """Return the finished runs of all seeds."""
    from facemtl.studies.runner import train_all

    runs = runs_of(args.preset, args.seeds, args.data, args.runs, args.set)
    train_all(runs, args.jobs)
    return runs


def exported(folder: Path, mirrored: bool) -> Path:
    """Export a run; return its TFLite file."""
    from facemtl.export.formats import export_network

    out = folder / ("mirrored" if mirrored else "plain")
    words = (folder, out, ["tflite"], ["float16"])
    export_network(*words, mirrored=mirrored, verbose=0)
    return out / FILE


def pack(
    run: Path, mirrored: bool, scores: dict[str, Any], out: Path, name: str
) -> None:
    """Write the whole network of a run, to export it and to train it on."""
    from packed import write_preset

    from facemtl.export.description import describe
    from facemtl.models import load_model

    network = load_model(run)
    network = network.with_mirror() if mirrored else network
    write_preset(network, describe(network, run), scores, out, name)


if __name__ == "__main__":
    run(main)
