"""The tables of a search."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from facemtl.studies.report.table import NONE, Cell, Table
from facemtl.tuning.report.importance import Importance
from facemtl.tuning.report.trials import (
    COSTS,
    STAGES,
    Search,
    Trial,
    best,
    completed,
    failed,
    front,
    full,
    ranked,
    reason,
)
from facemtl.tuning.report.values import (
    NOT_USED,
    in_words,
    labels,
    range_of,
    text,
)

MOST_STITCHES = 10  # trials in the table of stitches
# Measures with columns of their own.
KNOWN = {"objective", "parameters", "multiply_adds", "mean_error"}

Columns = dict[str, Callable[[Any], str | Cell]]


def best_table(search: Search) -> Table | None:
    """Return the default, best value and range of every hyperparameter."""
    trial = best(search)
    if trial is None:
        return None
    columns: Columns = {
        "hyperparameter": lambda one: one["name"],
        "default": lambda one: text(search["default"].get(one["name"], NONE)),
        "best": lambda one: text(trial["values"].get(one["name"], NOT_USED)),
        "searched": range_of,
    }
    return _table(search["space"], columns, f"Trial {trial['id']}")


def importance_table(found: dict[str, Importance]) -> Table | None:
    """Return mean and standard deviation over the forests, greatest first."""
    rows = [
        [name, f"{one.mean:+.2f} ± {one.spread:.2f}".replace("-", "−")]
        for name, one in found.items()
    ]
    heads = ["hyperparameter", "importance"]
    return Table(heads, rows, "The most important first") if rows else None


def front_table(search: Search) -> Table | None:
    """Return the Pareto front of the trials for score and each cost."""
    fronts = {title: front(search, cost) for cost, (title, _) in COSTS.items()}
    members = {t["id"]: t for trials in fronts.values() for t in trials}
    columns: Columns = SCORES | COST_COLUMNS
    columns["no other is better\nin score and in"] = lambda trial: " and ".join(
        title for title, trials in fronts.items() if trial in trials
    )
    caption = "Pareto front of the trials of the most epochs"
    return _table(ranked(list(members.values())), columns, caption)


def stitch_table(search: Search) -> Table | None:
    """Return the stitched stages of the best trials, or None."""

    def stage(trial: Trial, name: str) -> str | Cell:
        is_on = trial["values"].get(name)
        return Cell("yes", share=1.0) if is_on else "no"

    columns = dict(SCORES)
    for one in search["space"]:
        if one["name"].startswith(STAGES):
            head = one["name"].removeprefix(STAGES)
            columns[head] = partial(stage, name=one["name"])
    if len(columns) == len(SCORES):
        return None
    trials = ranked(full(completed(search)))[:MOST_STITCHES]
    caption = "The best trials of the most epochs"
    return _table(trials, columns, caption, "matrix")


def trial_table(search: Search) -> Table | None:
    """Return all completed trials, with all measures and values."""
    trials = ranked(completed(search))
    columns: Columns = {
        **SCORES,
        "epochs": lambda trial: str(trial["epochs"]),
        # Of Hyperband, such as `2 / 0`.
        "bracket / round": lambda trial: (
            NONE
            if trial.get("bracket") is None
            else f"{trial['bracket']} / {trial.get('round')}"
        ),
        **COST_COLUMNS,
    }
    for key in dict.fromkeys(k for t in trials for k in t["measures"]):
        if key not in KNOWN:
            columns[key.replace("_", " ")] = _measure(key, "{:.2f}")
    for name, label in labels(one["name"] for one in search["space"]).items():
        columns[label] = partial(_value, name=name)
    return _table(trials, columns, "By epochs and score")


def failed_table(search: Search) -> Table | None:
    """Return the failed trials with reasons and values, or None."""
    columns: Columns = {
        "trial": lambda trial: trial["id"],
        "reason": reason,
        "values": lambda trial: in_words(trial["values"]),
    }
    return _table(failed(search), columns, "Why they failed", "words")


def _table(
    items: Iterable[Mapping[str, Any]],
    columns: Columns,
    caption: str,
    kind: str = "",
) -> Table | None:
    """Return a table with a row per item, or None without items."""
    rows = [[cell(item) for cell in columns.values()] for item in items]
    return Table(list(columns), rows, caption, kind) if rows else None


def _value(trial: Trial, name: str) -> str:
    return text(trial["values"].get(name, NONE))


def _measure(key: str, form: str, unit: float = 1) -> Callable[[Any], str]:
    def cell(trial: Trial) -> str:
        value = trial["measures"].get(key)
        return NONE if value is None else form.format(value / unit)

    return cell


SCORES: Columns = {
    "trial": lambda trial: trial["id"],
    "score": lambda trial: f"{trial['score']:.3f}",
}
COST_COLUMNS: Columns = {
    "multiply-adds\nmillions": _measure("multiply_adds", "{:.2f}", 1e6),
    "parameters": _measure("parameters", "{:,.0f}"),
}
