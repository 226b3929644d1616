"""What settings ask for: tasks, network and crops."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial

from facemtl.data.faces import BadRows, Faces
from facemtl.data.recipe import fit_recipe
from facemtl.data.sources import Splits
from facemtl.errors import InputError
from facemtl.geometry.crops import CropSpec
from facemtl.models import FaceNetwork
from facemtl.pipeline.crop_cache import CachePlan, Crops, crop_faces
from facemtl.settings import AugmentSettings, DataSettings, Settings
from facemtl.tasks import Task, landmarks_task
from facemtl.training.unused import unused_settings


def chosen_tasks(
    faces: Faces, names: list[str], architecture: str = "split"
) -> tuple[Task, ...]:
    """The tasks to learn: those named, or all that have a label.

    Args:
        faces: the training faces.
        names: `model.tasks`; empty for all, or for `"single"` the landmarks
            if there are any.
        architecture: `model.architecture`.

    Raises:
        InputError: for a task that the data do not have or do not label, or
            faces without any label.
    """
    labelled = [
        task
        for task in faces.tasks
        if task.is_labelled(faces.labels[task.name]).any()
    ]
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
    """Those of some tasks that a network is to learn; see `chosen_tasks`.

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
    """The untrained network that settings describe.

    Args:
        settings: those of a run.
        tasks: what to learn.
        scales: of its values, as `facemtl.models.value_scale` fits them.

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
    """How a network sees a face.

    A margin of `"auto"` is 0 until `fit_recipe` knows the points.
    """
    margin = 0.0 if isinstance(data.margin, str) else data.margin
    return CropSpec(data.size, data.color, margin)


def augment_border(augment: AugmentSettings) -> float:
    """Share of the window that augmentation can reach beyond it."""
    angle = math.radians(augment.rotation)
    reach = (math.cos(angle) + math.sin(angle)) * (1 + augment.scale) / 2
    return max(reach - 0.5 + augment.shift, 0.0)


def fit_to_faces(
    settings: Settings, splits: Splits
) -> tuple[Settings, tuple[Task, ...], list[str]]:
    """The settings and the tasks of a run, fitted to its faces.

    Args:
        settings: those of the run.
        splits: its faces.

    Returns:
        The fitted settings, what is learned, and lines about labels and
        settings, for the user to check.

    Raises:
        InputError: for tasks that the faces do not have.
    """
    model = settings.model
    tasks = chosen_tasks(splits.train, model.tasks, model.architecture)
    # Before the recipe is fitted: what it changes was not the user's.
    unused = unused_settings(settings, tasks)
    settings, notes = fit_recipe(settings, splits.train, tasks)
    return settings, tasks, [*splits.notes, *notes, *unused]


def crop_test(
    faces: Faces | None,
    settings: Settings,
    tasks: tuple[Task, ...],
    bad: BadRows,
    verbose: int = 0,
) -> Crops | None:
    """The test crops of a run, as its network will see them.

    Args:
        faces: the test faces; None where there are none to score.
        settings: those of the run, fitted to the training faces.
        tasks: what is learned.
        bad: what to do with photos that cannot be used.
        verbose: 1 shows a progress bar.
    """
    if faces is None:
        return None
    plan = CachePlan(crop_spec(settings.data))
    # Scores are reported by pose, even for a network that learns no pose.
    faces = faces.including(tasks)
    return crop_faces(faces, plan, bad, settings.data.cache, verbose)


def crop_splits(
    splits: Splits,
    settings: Settings,
    tasks: tuple[Task, ...],
    bad: BadRows,
    verbose: int = 1,
) -> tuple[Crops, Crops]:
    """The training crops with a border to move in, and the validation crops."""
    spec = crop_spec(settings.data)
    roomy = CachePlan(spec, augment_border(settings.augment), scale=2)
    cache = settings.data.cache
    cut = partial(crop_faces, bad=bad, cache=cache, verbose=verbose)
    return (
        cut(splits.train.only(tasks), roomy),
        # Scores are reported by pose, even for a network that learns no pose.
        cut(splits.validation.including(tasks), CachePlan(spec)),
    )
