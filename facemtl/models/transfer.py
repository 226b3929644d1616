"""Transfer of a trained network's weights to a network of other tasks."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keras.layers import Layer

from facemtl.errors import InputError
from facemtl.models.blocks import build_stages
from facemtl.models.loading import load_model
from facemtl.models.mmoe import GATES, with_gates
from facemtl.models.network import FaceNetwork
from facemtl.mtl.architectures import MMoE
from facemtl.tasks import Task, landmarks_task

FREEZE = ("none", "trunk")
STAGES = (*(f"pool{i}" for i in range(1, 5)), "fc")
# Layers of landmarks alone, after the name of the task.
PARTS = (
    *("whole", "norm", *(f"from{i}" for i in range(1, 5))),
    *(f"attention_{stage}" for stage in STAGES),
)

# Settings in which two networks must agree.
TOWERS = (
    *("architecture", "blocks", "width", "channels", "activation"),
    *("normalization", "fc_normalization", "landmarks", "experts"),
)


@dataclass(frozen=True)
class Transfer:
    """What a network received from another one.

    Attributes:
        kept: paths of the weights that were copied.
        layers: layers of which all weights were copied.
        heads: tasks whose heads were copied.
        new: tasks whose last layers start from random weights.
        left_out: tasks of the other network that this one does not have, or
            has with other points or classes.
    """

    kept: tuple[str, ...]
    layers: tuple[str, ...]
    heads: tuple[str, ...]
    new: tuple[str, ...]
    left_out: tuple[str, ...]

    def lines(self) -> list[str]:
        """Return four aligned lines for the user."""
        shared = [x for x in self.layers if x not in self.heads]
        return [
            f"  kept      {_listed(shared)}",
            f"  heads     {_listed(self.heads)}",
            f"  new       {_listed(self.new)}",
            f"  left out  {_listed(self.left_out)}",
        ]


def transfer(
    source: FaceNetwork, target: FaceNetwork, anew: Sequence[str] = ()
) -> Transfer:
    """Copy all weights that fit from one network to another, in place.

    The towers of both networks must agree. The head of a task is copied if
    both networks have a task of this name, kind, points or classes. Of other
    landmarks, the layers that form the maps are copied, and the last layer is
    new.

    Args:
        source: the trained network.
        target: the network that receives its weights.
        anew: tasks whose heads are not copied.

    Raises:
        InputError: for networks with different towers or crops.

    Example:

    >>> from facemtl.tasks import GENDER, LANDMARKS, SMILE
    >>> trained = FaceNetwork((LANDMARKS, SMILE), width=0.1)
    >>> new = FaceNetwork((LANDMARKS, GENDER), width=0.1)
    >>> done = transfer(trained, new)
    >>> done.heads, done.new, done.left_out
    (('landmarks',), ('gender',), ('smile',))
    """
    check_towers(source, towers_of(target))
    equal = _equal_tasks(source.tasks, target.tasks, anew)
    kept, missing = _copy_weights(source, target, equal)
    layers = dict.fromkeys(path.split("/")[0] for path in kept)
    names = [task.name for task in target.tasks]
    return Transfer(
        tuple(kept),
        tuple(layer for layer in layers if layer not in missing),
        tuple(name for name in names if name in equal),
        tuple(name for name in names if name not in equal),
        tuple(x.name for x in source.tasks if x.name not in equal),
    )


def _copy_weights(
    source: FaceNetwork, target: FaceNetwork, equal: Collection[str]
) -> tuple[list[str], set[str]]:
    """Copy the weights that fit; return their paths and the other layers.

    Args:
        source: the trained network.
        target: the network that receives its weights.
        equal: the tasks whose heads are copied.
    """
    own = {weight.path: weight for weight in source.weights}
    names = [[task.name for task in x.tasks] for x in (source, target)]
    for gates in (x for x in target.weights if x.path == GATES):
        own[GATES] = with_gates(gates, own[GATES], *names)
    renamed = _renamed(source.tasks, target.tasks)
    kept: list[str] = []
    missing: set[str] = set()
    for weight in target.weights:
        layer = weight.path.split("/")[0]
        found = own.get(renamed.get(layer, layer) + weight.path[len(layer) :])
        wanted = _task_of(layer, target.tasks)
        # The last layer of other points may have the shape of the known ones.
        last = wanted and wanted.name not in equal and _is_last(layer, wanted)
        if found is None or last or found.shape != weight.shape:
            missing.add(layer)
            continue
        weight.assign(found)
        if weight.path == GATES and not set(names[1]) <= set(names[0]):
            missing.add(layer)  # The gates of other tasks are new.
            continue
        kept.append(weight.path)
    return kept, missing


def freeze(network: FaceNetwork, until: str) -> list[Layer]:
    """Stop the training of a network's first layers, in place.

    Their normalization then uses its stored mean and variance. Units that mix
    the streams after a stage belong to it. The attention and the gates of a
    task do not.

    Args:
        network: the network.
        until: `"none"`, `"trunk"` for all stages, or the name of the last
            stage to freeze, such as `"pool2"`.

    Returns:
        The frozen layers, which could be trained before.

    Raises:
        InputError: for another name.
    """
    if until == "none":
        return []
    config = network.get_config()
    keys = ("blocks", "width", "activation", "normalization", "channels")
    stages = build_stages(
        **{key: config[key] for key in (*keys, "fc_normalization")}
    )
    names = [stage.name for stage in stages]
    if until not in (*FREEZE, *names):
        raise InputError(
            f"Expected train.freeze in {[*FREEZE, *names]}. "
            f"Received: {until!r}."
        )
    last = len(names) if until == "trunk" else names.index(until) + 1
    first = {layer.name for stage in stages[:last] for layer in stage.layers}
    first |= {f"stitch_{name}" for name in names[:last]}
    found = [layer for layer in network.layers if layer.name in first]
    shared = [x.copies if isinstance(x, MMoE) else [x] for x in found]
    parts = [part for copies in shared for part in copies if part.trainable]
    for part in parts:
        part.trainable = False
    return parts


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"


def towers_of(network: FaceNetwork) -> dict[str, Any]:
    """Return the settings in which two networks must agree, by their names."""
    config = network.get_config()
    data = {f"data.{k}": config["crop"][k] for k in ("size", "color")}
    return {f"model.{key}": config[key] for key in TOWERS} | data


def check_towers(source: FaceNetwork, given: Mapping[str, Any]) -> None:
    """Raise unless settings have the input and towers of a network.

    Args:
        source: the trained network.
        given: {setting: value} of the new network, see `towers_of`.

    Raises:
        InputError: for the first setting that differs.
    """
    for name, expected in towers_of(source).items():
        if given[name] != expected:
            raise InputError(
                f"Expected {name} = {expected!r}, as the network to start "
                f"from. Received: {given[name]!r}. fit --from sets all that "
                "must fit."
            )


def _equal_tasks(
    known: Sequence[Task], wanted: Sequence[Task], anew: Sequence[str]
) -> dict[str, Task]:
    """Return the tasks with the same name, kind, and points or classes."""
    own = {task.name: task for task in known}
    return {
        task.name: task
        for task in wanted
        if task.name in own
        and task.name not in anew
        and own[task.name].kind == task.kind
        and own[task.name].names == task.names
    }


def _renamed(known: Sequence[Task], wanted: Sequence[Task]) -> dict[str, str]:
    """Return {layer of a landmark head: that of the other network's}."""
    points = landmarks_task(known)
    names = {task.name for task in known}
    return {
        f"{task.name}_{part}": f"{points.name}_{part}"
        for task in wanted
        if points and task.kind == "landmarks" and task.name not in names
        for part in PARTS
    }


def _task_of(layer: str, tasks: Sequence[Task]) -> Task | None:
    """Return the task whose head has a layer of this name."""
    for task in tasks:
        own = layer.startswith(f"{task.name}_") and task.kind == "landmarks"
        if own or layer == task.name:
            return task
    return None


def _is_last(layer: str, task: Task) -> bool:
    """Return whether a layer gives the points or classes of its task."""
    return layer in (task.name, f"{task.name}_fc", f"{task.name}_heatmaps")


def load_start(path: str | Path) -> FaceNetwork:
    """Load a network to start from, without its mirrored mean and sigma."""
    return load_model(path).with_settings(mirrored=False, sigma=None)
