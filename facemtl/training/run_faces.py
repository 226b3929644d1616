"""The faces of a run: checked and cropped, with settings fitted to them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from facemtl.data.faces import BadRows, Faces
from facemtl.data.one_source import Splits
from facemtl.pipeline.crop_cache import Crops
from facemtl.settings import Settings
from facemtl.tasks import Task
from facemtl.training.compiled import check_training
from facemtl.training.preparation import (
    crop_further,
    crop_splits,
    crop_test,
    fit_to_faces,
)
from facemtl.training.run_labels import warn_of_labels, warn_of_photos
from facemtl.training.run_rows import keep_rows
from facemtl.training.start import Start


@dataclass(frozen=True)
class RunFaces:
    """Crops and fitted settings of a run.

    Attributes:
        settings: settings fitted to the faces.
        tasks: the tasks to learn.
        train: training crops with a border for augmentation.
        validation: validation crops.
        test: test crops; None if no test faces are scored.
        warnings: lines about suspicious labels.
        start: the trained network that the run starts from.
        further: validation crops of each further source.
    """

    settings: Settings
    tasks: tuple[Task, ...]
    train: Crops
    validation: Crops
    test: Crops | None
    warnings: list[str]
    start: Start | None = None
    further: Mapping[str, Crops] = field(default_factory=dict)

    def parts(self) -> dict[str, Faces]:
        """Return the faces of the training and validation splits."""
        return {
            "training": self.train.faces,
            "validation": self.validation.faces,
        }


def prepare_faces(
    settings: Settings,
    splits: Splits,
    bad: BadRows,
    folder: Path,
    verbose: int,
    test: bool,
    start: Start | None = None,
) -> RunFaces:
    """Fit the settings to the faces, crop the faces and print warnings.

    Args:
        settings: settings of the run.
        splits: faces of the run.
        bad: whether to stop at unusable photos or skip them.
        folder: the run folder, where `rows.json` is written.
        verbose: 0 prints nothing.
        test: whether the test faces are scored.
        start: the trained network that the run starts from.

    Raises:
        InputError: for unusable settings or photos, or a run that is resumed
            with other rows.
    """
    # Warn before photos are read: labels outside them stop the run.
    cache = settings.data.cache
    warnings = warn_of_labels(settings.model, splits, verbose, cache)
    settings, tasks, notes = fit_to_faces(settings, splits, start)
    for line in notes if verbose else ():
        print(line)
    check_training(tasks, settings)
    crops = crop_splits(splits, settings, tasks, bad, verbose)
    test_crops = crop_test(splits.test if test else None, settings, tasks, bad)
    further = crop_further(splits, settings, tasks, bad)
    if (bad.skip or bad.rows) and verbose:
        print(bad.summary() or "No invalid rows.")
    warnings += warn_of_photos(crops, test_crops, verbose, cache)
    faces = RunFaces(
        settings, tasks, *crops, test_crops, warnings, start, further
    )
    keep_rows(folder, "crops", faces.parts())
    return faces
