"""The trials of a search: their order, the best, and comparable ones."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from facemtl.tuning.objective import OBJECTIVES
from facemtl.words import plural

Search = Mapping[str, Any]  # the content of `search.json`
Trial = Mapping[str, Any]  # one of its `trials`

LEAST = 8  # with fewer trials of the most epochs, charts show all trials
# The costs of a network: {measure: (title, unit)}.
COSTS = {
    "multiply_adds": ("multiply-adds, millions", 1e6),
    "parameters": ("parameters, thousands", 1e3),
}
STAGES = "model.stitch.stages."  # prefix of a flag per stage


def completed(search: Search) -> list[Trial]:
    """Return the trials with a score, in the order in which they ended."""

    def key(trial: Trial) -> tuple[Any, ...]:
        order = trial.get("order")
        return order is None, order or 0, trial["id"]

    ended = (t for t in search["trials"] if t["status"] == "COMPLETED")
    return sorted(filter(_has_score, ended), key=key)


def failed(search: Search) -> list[Trial]:
    """Return the trials that ended with an error."""
    return [t for t in search["trials"] if t["status"] == "FAILED"]


def best(search: Search) -> Trial | None:
    """Return the best trial, or None if none is marked as the best."""
    name = search.get("best")
    return next((t for t in search["trials"] if t["id"] == name), None)


def most_epochs(trials: Sequence[Trial]) -> int:
    """Return the most epochs of any trial; 0 without trials."""
    return max((trial["epochs"] for trial in trials), default=0)


def full(trials: Sequence[Trial]) -> list[Trial]:
    """Return the trials of the most epochs, whose scores are comparable."""
    most = most_epochs(trials)
    return [trial for trial in trials if trial["epochs"] == most]


def shown(search: Search) -> list[Trial]:
    """Return completed trials of the most epochs; all, if those are few."""
    trials = completed(search)
    compared = full(trials)
    return compared if len(compared) >= LEAST else trials


def ranked(trials: Sequence[Trial]) -> list[Trial]:
    """Sort trials by epochs, most first, then by score, best first."""
    return sorted(trials, key=lambda t: (-t["epochs"], t["score"], t["id"]))


def pareto_front(points: Sequence[tuple[float, float]]) -> list[int]:
    """Return the indices of the points that no other point beats.

    One point beats another if it is at least as small in both numbers and
    smaller in one.

    Args:
        points: pairs of a cost and a score.

    Returns:
        Indices from the cheapest to the most expensive; equal points are all
        included.

    Example:

    >>> pareto_front([(1, 3), (2, 3), (2, 1), (3, 2)])
    [0, 2]
    """
    front: list[int] = []
    for i in sorted(range(len(points)), key=lambda i: (points[i], i)):
        last = points[front[-1]] if front else None
        if last is None or points[i][1] < last[1] or points[i] == last:
            front.append(i)
    return front


def reason(trial: Trial) -> str:
    """Return why a trial failed: the last line of its error."""
    lines = [x for x in (trial.get("error") or "").splitlines() if x.strip()]
    return lines[-1].strip() if lines else "no reason given"


def front(search: Search, cost: str) -> list[Trial]:
    """Return the Pareto front among the trials of the most epochs.

    Args:
        search: content of `search.json`.
        cost: a key of `COSTS`.

    Returns:
        Trials from the cheapest to the most expensive.
    """
    trials = full([t for t in shown(search) if t["measures"].get(cost)])
    points = [(t["measures"][cost], t["score"]) for t in trials]
    return [trials[i] for i in pareto_front(points)]


def score_title(search: Search) -> str:
    """Return the title of the objective in current terms."""
    about = search["objective"]
    known = OBJECTIVES.get(about["name"])
    return known.title if known else str(about["title"])


def count(epochs: int) -> str:
    """Return e.g. `1 epoch` or `9 epochs`."""
    return f"{epochs} {plural(epochs, 'epoch')}"


def _has_score(trial: Trial) -> bool:
    return trial["score"] is not None and math.isfinite(trial["score"])
