"""Limits on the cost of the networks in a search."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from facemtl.config import Config
from facemtl.errors import InputError
from facemtl.settings import settings_of
from facemtl.tasks import Task
from facemtl.tuning.careful import DRAWS
from facemtl.tuning.space import Space


def limit_check(
    space: Space, tasks: Sequence[Task]
) -> Callable[[Mapping[str, Any]], bool]:
    """Return a function that checks a point against the space's limits.

    Args:
        space: the searched space.
        tasks: tasks of the networks whose settings name no tasks.
    """
    known: dict[str, bool] = {}

    def within(values: Mapping[str, Any]) -> bool:
        if not space.limits:
            return True
        config = space.config(values)
        model = str(config["model"]) + str(config["data"])
        if model not in known:
            costs = network_cost(config, tasks, space.limits)
            known[model] = all(
                costs[key] <= most for key, most in space.limits.items()
            )
        return known[model]

    return within


def network_cost(
    config: Config, tasks: Sequence[Task], kinds: Iterable[str]
) -> dict[str, int]:
    """Return the cost of a configuration's network.

    Args:
        config: a complete configuration.
        tasks: tasks of the data.
        kinds: from `"parameters"` and `"multiply_adds"` (slower to compute).
    """
    import keras

    from facemtl.models import cost
    from facemtl.training.preparation import build_network, wanted_tasks

    settings = settings_of(config)
    model = settings.model
    chosen = wanted_tasks(tasks, model.tasks, model.architecture)
    network = build_network(settings, chosen)
    found = {kind: getattr(cost, kind)(network) for kind in kinds}
    # A search builds hundreds of networks.
    keras.backend.clear_session(free_memory=False)
    return found


def check_limits(oracle: Any, space: Space) -> None:
    """Raise `InputError` if no drawn point is within the limits."""
    if space.limits and oracle._random_values() is None:
        raise InputError(
            f"{space.where}: expected points within {dict(space.limits)}. "
            f"Received: none among {DRAWS} random ones."
        )
