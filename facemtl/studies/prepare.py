"""Read the data of many runs once, before the first training.

Invalid labels or photos are reported once, before training starts. Runs with
equal crop settings share the cached crops.
"""

import json
from collections.abc import Sequence
from typing import Any

from facemtl.config import Config
from facemtl.data.faces import BadRows
from facemtl.data.one_source import Splits
from facemtl.data.sources import load_splits
from facemtl.settings import Settings, settings_of
from facemtl.studies.run import Run
from facemtl.training.run_rows import check_rows, known_rows


def prepare_runs(
    runs: Sequence[Run], skip_bad: bool = False, test: bool = True
) -> tuple[BadRows, list[int]]:
    """Check the rows of finished runs, and crop the faces of the others.

    Args:
        runs: runs from `list_runs`; their configurations name a cache.
        skip_bad: whether to skip invalid rows instead of stopping at the first.
        test: whether to crop the test faces too.

    Returns:
        The skipped rows, without duplicates, and the number of training faces
        of each run.

    Raises:
        InputError: if data is unusable, or a finished run used other rows.
    """
    bad = BadRows(skip_bad)
    read: dict[str, Splits] = {}
    cropped = set()
    counts = []
    for run in runs:
        settings = settings_of(run.config)
        data = json.dumps(run.config["data"], sort_keys=True)
        if data not in read:
            read[data] = load_splits(settings.data, bad)
        counts.append(len(read[data].train))
        known = known_rows(run.folder).get("labels", {})
        check_rows(run.folder, known, read[data].parts())
        view = json.dumps(_view(run.config), sort_keys=True)
        if not run.report_file.is_file() and view not in cropped:
            cropped.add(view)
            _crop(settings, read[data], bad, test)
    return bad.distinct(), counts


def _view(config: Config) -> dict[str, Any]:
    """Return the settings that define the crops of a run."""
    model = config["model"]
    return {
        **{key: config[key] for key in ("data", "augment")},
        **{key: model[key] for key in ("tasks", "architecture", "landmarks")},
    }


def _crop(settings: Settings, splits: Splits, bad: BadRows, test: bool) -> None:
    """Write the crops of a run to its cache."""
    # Imported here: a finished study needs no TensorFlow.
    from facemtl.process.cli import load_tensorflow

    load_tensorflow()
    from facemtl.data.kept_convention import detector_convention
    from facemtl.training.preparation import (
        crop_splits,
        crop_test,
        fit_to_faces,
    )

    settings, tasks, _ = fit_to_faces(settings, splits)
    crops, _ = crop_splits(splits, settings, tasks, bad)
    detector_convention(crops.faces, settings.data.cache, verbose=1)
    crop_test(splits.test if test else None, settings, tasks, bad, verbose=1)
