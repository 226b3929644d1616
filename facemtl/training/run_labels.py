"""Loading of a run's faces, with warnings about suspicious labels."""

from pathlib import Path

from facemtl.data.check.look import label_warnings, photo_warnings
from facemtl.data.check.raw import explained
from facemtl.data.faces import BadRows
from facemtl.data.one_source import Splits
from facemtl.data.sources import load_splits
from facemtl.errors import InputError
from facemtl.pipeline.crop_cache import Crops
from facemtl.settings import DataSettings, ModelSettings
from facemtl.training.preparation import wanted_tasks


def load_run(
    data: DataSettings, bad: BadRows, folder: str | Path = ""
) -> Splits:
    """Load the splits; an error also describes suspicious rows.

    Args:
        data: settings of `[data]`.
        bad: whether to stop at invalid rows or skip them.
        folder: a folder that keeps detector boxes.

    Raises:
        InputError: if the source cannot be read.
    """
    try:
        return load_splits(data, bad, folder)
    except InputError as error:
        raise explained(error, data.source) from None


def warn_of_labels(
    model: ModelSettings, splits: Splits, verbose: int, cache: str = ""
) -> list[str]:
    """Print warnings about suspicious labels, and return the lines.

    Args:
        model: settings of `[model]`.
        splits: faces of the run.
        verbose: 0 prints nothing.
        cache: `data.cache`, which keeps the warnings for the next run.
    """
    tasks = wanted_tasks(splits.train.tasks, model.tasks, model.architecture)
    return _print_warnings(label_warnings(splits, tasks, cache), verbose)


def warn_of_photos(
    crops: tuple[Crops, Crops],
    test: Crops | None,
    verbose: int,
    cache: str = "",
) -> list[str]:
    """Print warnings about near-duplicate photos in different splits.

    Args:
        crops: crops of training and validation faces.
        test: crops of test faces, or None.
        verbose: 0 prints nothing.
        cache: `data.cache`, which keeps the warnings for the next run.
    """
    given = [*crops, *([] if test is None else [test])]
    return _print_warnings(photo_warnings(given, cache), verbose)


def _print_warnings(lines: list[str], verbose: int) -> list[str]:
    for line in lines if verbose else ():
        print(f"warning: {line}")
    return lines
