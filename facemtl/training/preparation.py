"""Tasks, network and crops of a run, according to its settings."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial

from facemtl.data.faces import BadRows, Faces
from facemtl.data.one_source import Splits
from facemtl.data.recipe import fit_recipe
from facemtl.errors import InputError
from facemtl.geometry.crops import CropSpec
from facemtl.models import FaceNetwork
from facemtl.pipeline.crop_cache import CachePlan, Crops, crop_faces
from facemtl.settings import AugmentSettings, DataSettings, Settings
from facemtl.tasks import Task, landmarks_task
from facemtl.training.start import Start
from facemtl.training.unused import unused_settings


def chosen_tasks(
    faces: Faces, names: list[str], architecture: str = "split"
) -> tuple[Task, ...]:
    """Return the tasks to learn: the named ones, or all that have labels.

    Args:
        faces: the training faces.
        names: `model.tasks`. If empty, all labelled tasks; for `"single"`, the
            landmarks if labelled.
        architecture: `model.architecture`.

    Raises:
        InputError: for a task that is not in the data or has no labels, or
            faces without any label.
    """
    labelled = faces.labelled_tasks()
    if not labelled:
        raise InputError(
            "Expected training faces with a label of one of "
            f"{[task.name for task in faces.tasks]}. Received: "
            f"{len(faces)} without."
        )
    known = [task.name for task in labelled]
    missing = [name for name in names if name not in known]
    if missing:
        raise InputError(
            f"Expected model.tasks out of the labelled {known}. "
            f"Received: {missing}."
        )
    return wanted_tasks(labelled, names, architecture)


def wanted_tasks(
    tasks: Sequence[Task], names: Sequence[str], architecture: str
) -> tuple[Task, ...]:
    """Return the tasks that a network learns; see `chosen_tasks`.

    Example:

    >>> from facemtl.tasks import MTFL_TASKS
    >>> [task.name for task in wanted_tasks(MTFL_TASKS, [], "single")]
    ['landmarks']
    """
    if names:
        by_name = {task.name: task for task in tasks}
        return tuple(by_name[name] for name in names if name in by_name)
    points = landmarks_task(tasks)
    if architecture == "single" and points:
        return (points,)
    return tuple(tasks)


def build_network(
    settings: Settings,
    tasks: tuple[Task, ...],
    scales: Mapping[str, Sequence[float]] | None = None,
) -> FaceNetwork:
    """Return the untrained network that settings describe.

    Args:
        settings: settings of a run.
        tasks: the tasks to learn.
        scales: scales of value tasks from `facemtl.models.value_scale`.

    Raises:
        InputError: for settings that do not fit together.

    Example:

    >>> from facemtl.config import load_config
    >>> from facemtl.settings import settings_of
    >>> from facemtl.tasks import MTFL_TASKS
    >>> settings = settings_of(load_config("split"))
    >>> build_network(settings, MTFL_TASKS).count_params()
    79933
    """
    crop = crop_spec(settings.data).to_dict()
    model = asdict(settings.model)
    del model["tasks"]
    return FaceNetwork(tasks, crop, **model, value_scales=scales)


def crop_spec(data: DataSettings) -> CropSpec:
    """Return the size, color and margin of a network's input.

    A margin of `"auto"` is 0 until `fit_recipe` replaces it.
    """
    margin = 0.0 if isinstance(data.margin, str) else data.margin
    return CropSpec(data.size, data.color, margin)


def augment_border(augment: AugmentSettings) -> float:
    """Return the share of the window that augmentation reaches beyond it."""
    angle = math.radians(augment.rotation)
    reach = (math.cos(angle) + math.sin(angle)) * (1 + augment.scale) / 2
    return max(reach - 0.5 + augment.shift, 0.0)


def fit_to_faces(
    settings: Settings, splits: Splits, start: Start | None = None
) -> tuple[Settings, tuple[Task, ...], list[str]]:
    """Fit the settings and tasks of a run to its faces.

    Args:
        settings: settings of the run.
        splits: faces of the run.
        start: the trained network that the run starts from.

    Returns:
        The fitted settings, the tasks to learn, and lines about labels and
        settings for the user to check.

    Raises:
        InputError: for tasks that are not in the data.
    """
    model = settings.model
    tasks = chosen_tasks(splits.train, model.tasks, model.architecture)
    # Check before the recipe changes settings that the user did not set.
    tasks = start.tasks(tasks) if start else tasks
    unused = unused_settings(settings, tasks)
    margin = start.network.crop.margin if start else 0.0
    settings, notes = fit_recipe(settings, splits.train, tasks, margin)
    return settings, tasks, [*splits.notes, *notes, *unused]


def crop_test(
    faces: Faces | None,
    settings: Settings,
    tasks: tuple[Task, ...],
    bad: BadRows,
    verbose: int = 0,
) -> Crops | None:
    """Return the test crops of a run, for its network.

    Args:
        faces: the test faces; None if no test faces are scored.
        settings: settings of the run, fitted to the training faces.
        tasks: the tasks to learn.
        bad: whether to stop at unusable photos or skip them.
        verbose: 1 shows a progress bar.
    """
    if faces is None:
        return None
    plan = CachePlan(crop_spec(settings.data))
    # Scores are reported by pose, even if the network does not learn pose.
    faces = faces.including(tasks)
    return _cut(faces, plan, settings, bad, verbose)


def crop_further(
    splits: Splits,
    settings: Settings,
    tasks: tuple[Task, ...],
    bad: BadRows,
    verbose: int = 0,
) -> dict[str, Crops]:
    """Return the validation crops of each further source, by its name."""
    plan = CachePlan(crop_spec(settings.data))
    return {
        source: _cut(faces.including(tasks), plan, settings, bad, verbose)
        for source, faces in splits.further.items()
    }


def crop_splits(
    splits: Splits,
    settings: Settings,
    tasks: tuple[Task, ...],
    bad: BadRows,
    verbose: int = 1,
) -> tuple[Crops, Crops]:
    """Return the training crops, with a border, and the validation crops."""
    spec = crop_spec(settings.data)
    roomy = CachePlan(spec, augment_border(settings.augment), scale=2)
    cut = partial(_cut, settings=settings, bad=bad, verbose=verbose)
    return (
        cut(splits.train.only(tasks), roomy),
        # Scores are reported by pose, even if the network does not learn pose.
        cut(splits.validation.including(tasks), CachePlan(spec)),
    )


def _cut(
    faces: Faces,
    plan: CachePlan,
    settings: Settings,
    bad: BadRows,
    verbose: int,
) -> Crops:
    """Return crops from the cache of the settings, or new ones."""
    data = settings.data
    most = data.cache_gigabytes
    return crop_faces(faces, plan, bad, data.cache, verbose, gigabytes=most)
