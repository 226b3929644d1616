"""The faces of a run: cropped, checked, and with settings that fit them."""

from dataclasses import dataclass
from pathlib import Path

from facemtl.config import Config
from facemtl.data.faces import BadRows, Faces
from facemtl.data.sources import Splits
from facemtl.pipeline.crop_cache import Crops
from facemtl.tasks import Task
from facemtl.training.preparation import crop_splits, crop_test, fit_to_faces
from facemtl.training.run_labels import warn_of_labels, warn_of_photos
from facemtl.training.run_rows import keep_rows


@dataclass(frozen=True)
class RunFaces:
    """What a run trains on, chooses by and is scored on.

    Attributes:
        config: the configuration, fitted to the faces.
        tasks: what is learned.
        train: training crops with a border to move in.
        validation: validation crops.
        test: test crops; None where none are scored.
        warnings: lines about labels that look wrong.
    """

    config: Config
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
    config: Config,
    splits: Splits,
    bad: BadRows,
    folder: Path,
    verbose: int,
    test: bool,
) -> RunFaces:
    """Fit the settings to the faces and crop them; print what is to be said.

    Args:
        config: a whole configuration.
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
    warnings = warn_of_labels(config, splits, verbose)
    config, tasks, notes = fit_to_faces(config, splits)
    for line in notes if verbose else ():
        print(line)
    crops = crop_splits(splits, config, tasks, bad, verbose)
    test_crops = crop_test(splits.test if test else None, config, tasks, bad)
    if (bad.skip or bad.rows) and verbose:
        print(bad.summary() or "No bad rows.")
    warnings += warn_of_photos(crops, test_crops, verbose)
    faces = RunFaces(config, tasks, *crops, test_crops, warnings)
    keep_rows(folder, "crops", faces.parts())
    return faces
