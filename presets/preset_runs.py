"""The runs of a preset, or of one with some settings of its own."""

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
    """A run a seed, trained or not.

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
