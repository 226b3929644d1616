"""Runs of a preset, and the arguments of commands that train them."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from facemtl.config import load_config
from facemtl.studies.run import Run, list_runs
from facemtl.studies.study import Study, Variant


def runs_of(
    preset: str,
    seeds: int,
    data: str,
    folder: Path,
    settings: Sequence[str] = (),
) -> list[Run]:
    """A preset's runs, one a seed, trained or not.

    Args:
        preset: its name.
        seeds: how many, from 0.
        data: folder of MTFL.
        folder: where the runs' folders are.
        settings: `"key=value"`, other than the preset's.
    """
    config = load_config(preset, settings=settings)
    study = Study(preset, "", "", seeds, (), (Variant(preset, "", config),))
    return list_runs(study, data, folder)


def runs_parser(
    doc: str, runs: str = "runs/presets"
) -> argparse.ArgumentParser:
    """Where the data are, how many runs at a time, and where they lie.

    Args:
        doc: of the command; its first line is shown.
        runs: folder of the runs, where none is given.
    """
    parser = argparse.ArgumentParser(description=doc.splitlines()[0])
    parser.add_argument("--data", required=True, help="folder of MTFL")
    parser.add_argument("--jobs", type=int, default=2, help="runs at a time")
    parser.add_argument("--runs", default=runs)
    return parser
