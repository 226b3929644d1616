"""The faces of a run: cropped, checked, and with settings that fit them."""

from dataclasses import dataclass
from pathlib import Path

from facemtl.data.faces import BadRows, Faces
from facemtl.data.sources import Splits
from facemtl.pipeline.crop_cache import Crops
from facemtl.settings import Settings
from facemtl.tasks import Task
from facemtl.training.preparation import crop_splits, crop_test, fit_to_faces
from facemtl.training.run_labels import warn_of_labels, warn_of_photos
from facemtl.training.run_rows import keep_rows


@dataclass(frozen=True)
class RunFaces:
    """What a run trains on, chooses by and is scored on.

    Attributes:
        settings: fitted to the faces.
        tasks: what is learned.
        train: training crops with a border to move in.
        validation: validation crops.
        test: test crops; None where none are scored.
        warnings: lines about labels that look wrong.
    """

    settings: Settings
    tasks: tuple[Task, ...]
    train: Crops
    validation: Crops
    test: Crops | None
    warnings: list[str]

    def parts(self) -> dict[str, Faces]:
        """The faces that are trained on and chosen by."""
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
) -> RunFaces:
    """Fit the settings to the faces and crop them; print what is to be said.

    Args:
        settings: those of the run.
        splits: its faces.
        bad: what to do with photos that cannot be used.
        folder: the run folder, where the rows are written down.
        verbose: 0 for silence.
        test: whether the test faces are scored.

    Raises:
        InputError: for settings or photos that cannot be used, or a run that
            is resumed on other rows.
    """
    # Before photos are read: where labels leave them, reading stops.
    warnings = warn_of_labels(settings.model, splits, verbose)
    settings, tasks, notes = fit_to_faces(settings, splits)
    for line in notes if verbose else ():
        print(line)
    crops = crop_splits(splits, settings, tasks, bad, verbose)
    test_crops = crop_test(splits.test if test else None, settings, tasks, bad)
    if (bad.skip or bad.rows) and verbose:
        print(bad.summary() or "No bad rows.")
    warnings += warn_of_photos(crops, test_crops, verbose)
    faces = RunFaces(settings, tasks, *crops, test_crops, warnings)
    keep_rows(folder, "crops", faces.parts())
    return faces
