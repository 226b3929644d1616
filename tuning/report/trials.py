"""What a search found: its trials in order, the best, and what compares."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from facemtl.tuning.objective import OBJECTIVES
from facemtl.words import plural

Search = Mapping[str, Any]  # the content of `search.json`
Trial = Mapping[str, Any]  # one of its `trials`

LEAST = 8  # trials of the most epochs; with fewer, charts show all trials
# What a network costs: {measure: (title, unit)}.
COSTS = {
    "multiply_adds": ("multiply-adds, millions", 1e6),
    "parameters": ("parameters, thousands", 1e3),
}
STAGES = "model.stitch.stages."  # a flag for each stage that may be stitched


def completed(search: Search) -> list[Trial]:
    """The trials that have a score, in the order in which they ended."""

    def key(trial: Trial) -> tuple[Any, ...]:
        order = trial.get("order")
        return order is None, order or 0, trial["id"]

    ended = (t for t in search["trials"] if t["status"] == "COMPLETED")
    return sorted(filter(_has_score, ended), key=key)


def failed(search: Search) -> list[Trial]:
    """The trials that ended without a score because of an error."""
    return [t for t in search["trials"] if t["status"] == "FAILED"]


def best(search: Search) -> Trial | None:
    """The best trial; None where no trial is called the best."""
    name = search.get("best")
    return next((t for t in search["trials"] if t["id"] == name), None)


def most_epochs(trials: Sequence[Trial]) -> int:
    """The most epochs of any of the trials; 0 without trials."""
    return max((trial["epochs"] for trial in trials), default=0)


def full(trials: Sequence[Trial]) -> list[Trial]:
    """The trials of the most epochs: only their scores are comparable."""
    most = most_epochs(trials)
    return [trial for trial in trials if trial["epochs"] == most]


def shown(search: Search) -> list[Trial]:
    """The completed trials of the most epochs; all, if those are few."""
    trials = completed(search)
    compared = full(trials)
    return compared if len(compared) >= LEAST else trials


def ranked(trials: Sequence[Trial]) -> list[Trial]:
    """The best first; more epochs come before fewer."""
    return sorted(trials, key=lambda t: (-t["epochs"], t["score"], t["id"]))


def pareto_front(points: Sequence[tuple[float, float]]) -> list[int]:
    """Which points no other point beats, by their places in the list.

    One point beats another if it is at least as small in both numbers and
    smaller in one.

    Args:
        points: a cost and a score each.

    Returns:
        Places from the cheapest to the dearest; equal points are all there.

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
    """Why a trial failed: what its error says at the end."""
    lines = [x for x in (trial.get("error") or "").splitlines() if x.strip()]
    return lines[-1].strip() if lines else "no reason given"


def front(search: Search, cost: str) -> list[Trial]:
    """The trials of the most epochs that no other of them beats in both.

    Args:
        search: the content of `search.json`.
        cost: a key of `COSTS`.

    Returns:
        Trials from the cheapest to the most expensive.
    """
    trials = full([t for t in shown(search) if t["measures"].get(cost)])
    points = [(t["measures"][cost], t["score"]) for t in trials]
    return [trials[i] for i in pareto_front(points)]


def score_title(search: Search) -> str:
    """What was minimized, in today's words."""
    about = search["objective"]
    known = OBJECTIVES.get(about["name"])
    return known.title if known else str(about["title"])


def count(epochs: int) -> str:
    """Such as `1 epoch` or `9 epochs`."""
    return f"{epochs} {plural(epochs, 'epoch')}"


def _has_score(trial: Trial) -> bool:
    return trial["score"] is not None and math.isfinite(trial["score"])
