"""The faces of a run, and warnings of what is suspicious about them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from facemtl.config import Config
from facemtl.data.check.look import label_warnings, photo_warnings
from facemtl.data.check.raw import explained
from facemtl.data.faces import BadRows
from facemtl.data.sources import Splits, load_splits
from facemtl.errors import InputError
from facemtl.pipeline.crop_cache import Crops
from facemtl.training.preparation import wanted_tasks


def load_run(
    data: Mapping[str, Any], bad: BadRows, folder: str | Path = ""
) -> Splits:
    """As `load_splits`; an error also says what the rows hint at.

    Args:
        data: the `data` section of a configuration.
        bad: what to do with bad rows.
        folder: keeps boxes of the detector.

    Raises:
        InputError: if the source cannot be read.
    """
    try:
        return load_splits(data, bad, folder)
    except InputError as error:
        raise explained(error, data["source"]) from None


def warn_of_labels(config: Config, splits: Splits, verbose: int) -> list[str]:
    """Look at the labels; print a warning a line, and return the lines.

    Args:
        config: a whole configuration.
        splits: the faces of the run.
        verbose: 0 for silence.
    """
    model = config["model"]
    tasks = wanted_tasks(
        splits.train.tasks, model["tasks"], model["architecture"]
    )
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
