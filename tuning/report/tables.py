"""The tables of a search."""

from collections.abc import Sequence

from facemtl.studies.report.table import NONE, Cell, Row, Table
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
FRONT = "Pareto front of the trials of the most epochs"
COST_HEADS = ("multiply-adds\nmillions", "parameters")


def best_table(search: Search) -> Table | None:
    """Every hyperparameter's default, best value and range."""
    trial = best(search)
    if trial is None:
        return None
    rows = [
        [
            one["name"],
            text(search["default"].get(one["name"], NONE)),
            text(trial["values"].get(one["name"], NOT_USED)),
            range_of(one),
        ]
        for one in search["space"]
    ]
    heads = ["hyperparameter", "default", "best", "searched"]
    return Table(heads, rows, f"Trial {trial['id']}")


def importance_table(found: dict[str, Importance]) -> Table | None:
    """Mean and standard deviation over the forests, the greatest first."""
    rows = [
        [name, f"{one.mean:+.2f} ± {one.spread:.2f}".replace("-", "−")]
        for name, one in found.items()
    ]
    heads = ["hyperparameter", "importance"]
    return Table(heads, rows, "The most important first") if rows else None


def front_table(search: Search) -> Table | None:
    """The trials that no other beats in both score and a cost."""
    fronts = {title: front(search, cost) for cost, (title, _) in COSTS.items()}
    members = {t["id"]: t for trials in fronts.values() for t in trials}
    rows = [
        [
            *(trial["id"], f"{trial['score']:.3f}", *_costs(trial)),
            " and ".join(k for k, trials in fronts.items() if trial in trials),
        ]
        for trial in ranked(list(members.values()))
    ]
    heads = [
        "trial",
        "score",
        *COST_HEADS,
        "no other is better\nin score and in",
    ]
    return Table(heads, rows, FRONT) if rows else None


def stitch_table(search: Search) -> Table | None:
    """Which stages the best trials stitch; None where none may be."""
    names = [x["name"] for x in search["space"] if x["name"].startswith(STAGES)]
    trials = ranked(full(completed(search)))[:MOST_STITCHES]
    if not names or not trials:
        return None
    rows: list[Row] = [
        [
            *(trial["id"], f"{trial['score']:.3f}"),
            *(
                Cell("yes", share=1.0) if trial["values"].get(x) else "no"
                for x in names
            ),
        ]
        for trial in trials
    ]
    heads = ["trial", "score", *(name.removeprefix(STAGES) for name in names)]
    return Table(heads, rows, "The best trials of the most epochs", "matrix")


def trial_table(search: Search) -> Table | None:
    """All completed trials, with all measures and values."""
    trials = ranked(completed(search))
    short = labels(one["name"] for one in search["space"])
    keys = dict.fromkeys(k for t in trials for k in t["measures"])
    measures = [key for key in keys if key not in KNOWN]
    rows = [
        [
            *(trial["id"], f"{trial['score']:.3f}", str(trial["epochs"])),
            *(_bracket(trial), *_costs(trial)),
            *(_number(trial["measures"].get(key)) for key in measures),
            *(text(trial["values"].get(name, NONE)) for name in short),
        ]
        for trial in trials
    ]
    heads = ["trial", "score", "epochs", "bracket / round", *COST_HEADS]
    heads += [*(key.replace("_", " ") for key in measures), *short.values()]
    return Table(heads, rows, "By epochs and score") if rows else None


def failed_table(search: Search) -> Table | None:
    """The failed trials with their reasons and values; None without any."""
    rows = [[t["id"], reason(t), in_words(t["values"])] for t in failed(search)]
    heads = ["trial", "reason", "values"]
    return Table(heads, rows, "Why they failed", "words") if rows else None


def _costs(trial: Trial) -> Sequence[str]:
    """A trial's multiply-adds and parameters, as `COST_HEADS` name them."""
    adds = trial["measures"].get("multiply_adds")
    parameters = trial["measures"].get("parameters")
    return (
        f"{adds / 1e6:.2f}" if adds else NONE,
        f"{parameters:,.0f}" if parameters else NONE,
    )


def _bracket(trial: Trial) -> str:
    """Hyperband's bracket and round, such as `2 / 0`."""
    if trial.get("bracket") is None:
        return NONE
    return f"{trial['bracket']} / {trial.get('round')}"


def _number(value: float | None) -> str:
    return NONE if value is None else f"{value:.2f}"
