"""Runs of a preset, and common code of the commands that train them."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from facemtl.arguments import checked_count
from facemtl.config import load_config
from facemtl.files.destinations import check_folder
from facemtl.process.cli import load_tensorflow
from facemtl.studies.run import Run, list_runs
from facemtl.studies.study import Study, Variant


def runs_of(
    preset: str,
    seeds: int,
    data: str,
    folder: Path,
    settings: Sequence[str] = (),
) -> list[Run]:
    """Return a preset's runs, one per seed, trained or not.

    Args:
        preset: name of the preset.
        seeds: number of seeds, from 0.
        data: folder of MTFL.
        folder: parent of the run folders.
        settings: `"key=value"` strings that override the preset's settings.
    """
    config = load_config(preset, settings=settings)
    study = Study(preset, "", "", seeds, (), (Variant(preset, "", config),))
    return list_runs(study, data, folder)


def runs_parser(
    doc: str, runs: str = "runs/presets"
) -> argparse.ArgumentParser:
    """Return a parser of the data, the number of jobs, and the runs' folder.

    Args:
        doc: docstring of the command; its first line is shown.
        runs: default folder of the runs.
    """
    parser = argparse.ArgumentParser(description=doc.splitlines()[0])
    parser.add_argument("--data", required=True, help="folder of MTFL")
    parser.add_argument("--jobs", type=int, default=2, help="parallel runs")
    parser.add_argument("--runs", default=runs)
    return parser


def parsed_runs(
    parser: argparse.ArgumentParser, argv: Sequence[str] | None
) -> argparse.Namespace:
    """Parse and check the arguments of a `runs_parser`; load TensorFlow."""
    args = parser.parse_args(argv)
    for name in ("runs", "out"):
        if getattr(args, name, None) is not None:
            setattr(args, name, check_folder(getattr(args, name), f"--{name}"))
    for name in ("jobs", "seeds"):
        if hasattr(args, name):
            checked_count(f"--{name}", getattr(args, name))
    load_tensorflow()
    return args


def write_result(file: Path, content: dict[str, Any]) -> None:
    """Write the JSON of a command whose only argument is the data."""
    from facemtl.files.writing import write_json
    from facemtl.process.environment import machine, versions

    script = file.with_suffix(".py").name
    about = {
        "command": f"python presets/{script} --data data/MTFL",
        "machine": machine(),
        "versions": versions(),
    }
    write_json(about | content, file)
