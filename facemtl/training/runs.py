"""Runs: from faces and a configuration to a folder with all results."""

import time
from pathlib import Path

from facemtl.arguments import checked_flag, checked_path
from facemtl.config import Config, check_whole
from facemtl.data.convention_fit import point_convention
from facemtl.data.detected import write_boxes
from facemtl.data.faces import BadRows
from facemtl.data.kept_convention import detector_convention
from facemtl.data.mirror_rule import mirror_faults
from facemtl.evaluation.baselines import check_outcome
from facemtl.files.destinations import check_folder
from facemtl.files.lock import locked
from facemtl.files.writing import write_json
from facemtl.geometry.box_convention import BoxConvention
from facemtl.models import FaceNetwork
from facemtl.models.value_scale import value_scales
from facemtl.settings import settings_of
from facemtl.training.phases import train_phases
from facemtl.training.preparation import build_network
from facemtl.training.run_calibration import calibrated
from facemtl.training.run_conflict import conflict
from facemtl.training.run_faces import RunFaces, prepare_faces
from facemtl.training.run_labels import load_run
from facemtl.training.run_process import reproducible, set_threads
from facemtl.training.run_report import (
    Report,
    about_faces,
    alpha_of,
    run_metadata,
    score_splits,
)
from facemtl.training.run_rows import keep_rows
from facemtl.training.run_start import open_run
from facemtl.training.start import agreement, find_start


def train(
    config: Config,
    folder: str | Path,
    resume: bool = False,
    skip_bad: bool = False,
    verbose: int = 1,
    test: bool = True,
) -> Report:
    """Train a network, score it and write all results into a run folder.

    Args:
        config: configuration from `load_config`.
        folder: the run folder for `config.toml`, `history.csv`, `logs/` of
            TensorBoard, `model.keras` (best by validation, calibrated),
            `calibration.json`, `report.json`, `predictions.npz` and `.png`,
            `rows.json` (a hash of rows) and `skipped.csv` (skipped rows).
        resume: whether to continue a run after its last finished epoch, to the
            same weights as an uninterrupted run. Without a run, start one.
        skip_bad: whether to skip invalid rows instead of stopping at one.
        verbose: 0 prints nothing, 1 Keras's bars, 2 a line per epoch.
        test: whether to score the test faces.

    Returns:
        The content of `report.json`: `scores` by split, environment metadata,
        and comparisons with constant predictions (see
        `facemtl.evaluation.baselines.outcome`).

    Raises:
        InputError: for unusable data or settings; a folder that cannot be
            written, holds another run, a run on other rows or a network
            without its run, or is in use by another process; a run that
            diverged; or `train.threads` set too late (see README.md).

    Example:

    >>> import facemtl, tempfile
    >>> settings = ["data.source=synthetic", "data.faces=20", "train.epochs=1"]
    >>> config = facemtl.load_config("single", settings=settings)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     report = facemtl.train(config, folder, verbose=0)
    >>> report["scores"]["test"]["landmarks"]["mean_error_box"] > 0  # in %
    True
    """
    folder = checked_path("the run folder", folder)
    check_whole(config)
    for name, flag in dict(resume=resume, skip_bad=skip_bad, test=test).items():
        checked_flag(name, flag)
    check_folder(folder, "the run folder")
    with locked(folder):
        return train_locked(config, folder, resume, skip_bad, verbose, test)


def train_locked(
    config: Config,
    folder: Path,
    resume: bool,
    skip_bad: bool,
    verbose: int,
    test: bool = True,
) -> Report:
    """Train as `train`, for a caller that has locked the folder."""
    done = open_run(folder, config, resume)
    started = time.monotonic()
    bad = BadRows(skip_bad)
    settings = settings_of(config)
    start = None
    if not done:
        set_threads(settings.train)
        start = find_start(settings)
    splits = load_run(settings.data, bad, folder)
    keep_rows(folder, "labels", splits.parts())
    if done:
        return check_outcome(done)
    with reproducible(settings.train):
        faces = prepare_faces(
            settings, splits, bad, folder, verbose, test, start
        )
        bad.write(folder / "skipped.csv")
        if settings.data.boxes == "detect":
            write_boxes(splits.parts(), folder / "boxes.csv")
        network = _fitted_network(faces, verbose)
        training = train_phases(network, faces, folder, verbose)
        seconds = round(time.monotonic() - started, 1)
        best, calibration = calibrated(folder, faces.validation)
        report = {
            **run_metadata(settings, best),
            **training,
            "seconds": seconds,
            "alpha": alpha_of(best),
            "conflict": conflict(best, faces.validation, settings),
            "calibration": calibration,
            "skipped": dict(bad.counts),
            **about_faces(faces, score_splits(best, faces, folder)),
            "kept": agreement(start, best, faces.validation) if start else {},
        }
    write_json(report, folder / "report.json")
    return check_outcome(report)


def _fitted_network(faces: RunFaces, verbose: int) -> FaceNetwork:
    """Return the untrained network with properties of the training faces."""
    train, tasks = faces.train.faces, faces.tasks
    # Other sources may place boxes in another way.
    main = train.of_main()
    scales = value_scales(tasks, train.labels)
    if faces.start:
        scales = faces.start.value_scales(scales)
    network = build_network(faces.settings, tasks, scales)
    network.mirror_fault = " ".join(mirror_faults(train, tasks))
    cache = faces.settings.data.cache
    network.box_convention = BoxConvention(
        point_convention(main, tasks, faces.settings.augment.mirror),
        detector_convention(main, cache, verbose),
    )
    return network
