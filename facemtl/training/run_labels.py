"""The faces of a run, and warnings of what is suspicious about them."""

from pathlib import Path

from facemtl.data.check.look import label_warnings, photo_warnings
from facemtl.data.check.raw import explained
from facemtl.data.faces import BadRows
from facemtl.data.sources import Splits, load_splits
from facemtl.errors import InputError
from facemtl.pipeline.crop_cache import Crops
from facemtl.settings import DataSettings, ModelSettings
from facemtl.training.preparation import wanted_tasks


def load_run(
    data: DataSettings, bad: BadRows, folder: str | Path = ""
) -> Splits:
    """As `load_splits`; an error also says what the rows hint at.

    Args:
        data: the settings of `[data]`.
        bad: what to do with bad rows.
        folder: keeps boxes of the detector.

    Raises:
        InputError: if the source cannot be read.
    """
    try:
        return load_splits(data, bad, folder)
    except InputError as error:
        raise explained(error, data.source) from None


def warn_of_labels(
    model: ModelSettings, splits: Splits, verbose: int
) -> list[str]:
    """Look at the labels; print a warning a line, and return the lines.

    Args:
        model: the settings of `[model]`.
        splits: the faces of the run.
        verbose: 0 for silence.
    """
    tasks = wanted_tasks(splits.train.tasks, model.tasks, model.architecture)
    return _say(label_warnings(splits, tasks), verbose)


def warn_of_photos(
    crops: tuple[Crops, Crops], test: Crops | None, verbose: int
) -> list[str]:
    """The same for photos that are nearly the same in two splits.

    Args:
        crops: of training and validation faces.
        test: of test faces, if there are any.
        verbose: 0 for silence.
    """
    given = [*crops, *([] if test is None else [test])]
    return _say(photo_warnings(given), verbose)


def _say(lines: list[str], verbose: int) -> list[str]:
    for line in lines if verbose else ():
        print(f"warning: {line}")
    return lines
