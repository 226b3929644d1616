"""The start of a run from a trained network."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from facemtl.errors import InputError
from facemtl.evaluation.faces import predict_crops
from facemtl.models import FaceNetwork
from facemtl.models.transfer import (
    Transfer,
    check_towers,
    load_start,
    transfer,
)
from facemtl.pipeline.crop_cache import CachePlan, Crops, crop_faces
from facemtl.pipeline.teacher import Teacher
from facemtl.settings import Settings
from facemtl.tasks import Task


@dataclass(frozen=True)
class Start:
    """A trained network that a run starts from.

    Attributes:
        name: the preset, run folder or file.
        network: the network.
        kept: the tasks to learn further from its predictions.
        anew: the tasks whose heads start from random weights.
    """

    name: str
    network: FaceNetwork
    kept: tuple[Task, ...]
    anew: tuple[str, ...] = ()

    def tasks(self, chosen: Sequence[Task]) -> tuple[Task, ...]:
        """Return the tasks of a run: those of the data, then the kept ones.

        Raises:
            InputError: for a kept task that is another one in the data.
        """
        known = {task.name: task for task in chosen}
        for task in self.kept:
            if not known.get(task.name, task).learns_as(task):
                raise InputError(
                    f"Expected start.keep (--keep) with '{task.name}' as "
                    f"{list(task.names)}, as in {self.name}. Received: "
                    f"{list(known[task.name].names)} in the data."
                )
        return (*chosen, *(x for x in self.kept if x.name not in known))

    def value_scales(
        self, scales: dict[str, tuple[float, float]]
    ) -> dict[str, tuple[float, float]]:
        """Return the scales of values, with those that kept heads expect."""
        own = self.network.value_scales
        return {task: own.get(task, scale) for task, scale in scales.items()}

    def apply(self, network: FaceNetwork, verbose: int) -> Transfer:
        """Copy the weights that fit."""
        done = transfer(self.network, network, self.anew)
        if verbose:
            print("\n".join([f"Start from {self.name}:", *done.lines()]))
        return done

    def teacher(self, network: FaceNetwork) -> Teacher | None:
        """Return the teacher of the kept tasks, or None without any."""
        if not self.kept:
            return None
        return Teacher(self.network, self.kept, network.crop)


def find_start(settings: Settings) -> Start | None:
    """Load the network that a run starts from, or return None.

    Raises:
        InputError: for a missing network, a task to keep that it does not
            predict, or settings that need such a network.
    """
    name, keep = settings.start.network, settings.start.keep
    if not name:
        _check_unused(settings)
        return None
    network = load_start(name)
    # Before photos are read.
    check_towers(network, _towers(settings))
    own = {task.name: task for task in network.tasks}
    anew = settings.start.anew
    for key, tasks in (("keep (--keep)", keep), ("anew", anew)):
        unknown = [task for task in tasks if task not in own]
        if unknown:
            raise InputError(
                f"Expected start.{key} out of {', '.join(own)}, the tasks of "
                f"{name}. Received: {', '.join(unknown)}."
            )
    both = [task for task in keep if task in anew]
    if both:
        raise InputError(
            f"Expected a task in start.keep or start.anew. Received: {both[0]} "
            "in both."
        )
    if keep and settings.distillation.teacher:
        raise InputError(
            "Expected start.keep or distillation.teacher. Received: both. The "
            "network that a run starts from is the teacher of start.keep."
        )
    if settings.train.alone_epochs:
        raise InputError(
            "Expected train.alone_epochs = 0 with start.network. Received: "
            f"{settings.train.alone_epochs}."
        )
    return Start(name, network, tuple(own[task] for task in keep), tuple(anew))


def _towers(settings: Settings) -> dict[str, Any]:
    model = {f"model.{k}": v for k, v in asdict(settings.model).items()}
    data = settings.data
    return {**model, "data.size": data.size, "data.color": data.color}


def _check_unused(settings: Settings) -> None:
    given = {
        "start.keep": bool(settings.start.keep),
        "start.anew": bool(settings.start.anew),
        "start.heads_first": settings.start.heads_first > 0,
        "train.freeze": settings.train.freeze != "none",
    }
    for key, is_given in given.items():
        if is_given:
            raise InputError(
                f"Expected start.network (--from) with {key}. Received: none."
            )


def agreement(
    start: Start, network: FaceNetwork, faces: Crops
) -> dict[str, dict[str, float]]:
    """Compare the kept tasks with the network that a run started from.

    Args:
        start: the start of the run.
        network: the trained network.
        faces: validation crops of the trained network.

    Returns:
        {task: {measure: number}}: `same_class` in percent of the faces,
        `moved` as the mean distance of landmarks in percent of the box, or
        `changed` as the mean difference of a value.
    """
    if not start.kept:
        return {}
    plan = CachePlan(start.network.crop)
    before = predict_crops(
        start.network, crop_faces(faces.faces, plan, verbose=0)
    )
    after = predict_crops(network, faces)
    widths = faces.faces.boxes[:, 2] - faces.faces.boxes[:, 0]
    return {
        task.name: _agreement(task, before[task.name], after[task.name], widths)
        for task in start.kept
    }


def _agreement(
    task: Task, before: np.ndarray, after: np.ndarray, widths: np.ndarray
) -> dict[str, float]:
    if task.kind == "classes":
        same = before.argmax(axis=1) == after.argmax(axis=1)
        return {"same_class": round(100 * float(same.mean()), 2)}
    if task.kind == "landmarks":
        away = np.linalg.norm(before - after, axis=2) / widths[:, None]
        return {"moved": round(100 * float(away.mean()), 4)}
    return {"changed": round(float(np.abs(before - after).mean()), 4)}
