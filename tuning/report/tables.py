"""Tables of a search's report, as HTML."""

from collections.abc import Sequence
from html import escape

from facemtl.studies.report.html_tables import NONE
from facemtl.studies.report.markup import Cell, details, figure, scroll, table
from facemtl.tuning.report.cost_chart import COSTS, front
from facemtl.tuning.report.trials import (
    STAGES,
    Search,
    Trial,
    best,
    completed,
    failed,
    full,
    measure_keys,
    ranked,
    reason,
    stages,
)
from facemtl.tuning.report.values import (
    NOT_USED,
    in_words,
    labels,
    scales,
    text,
)

MOST_STITCHES = 10  # trials in the table of stitches


def best_table(search: Search) -> str:
    """Every hyperparameter's default, best value and range."""
    trial = best(search)
    if trial is None:
        return ""
    heads = ["hyperparameter", "default", "best", "searched"]
    rows = [
        [
            scale.name,
            text(search["default"].get(scale.name, NONE)),
            text(trial["values"].get(scale.name, NOT_USED)),
            scale.words(),
        ]
        for scale in scales(search, [trial])
    ]
    return _table(f"Trial {trial['id']}", heads, rows)


def front_table(search: Search) -> str:
    """The trials that no other beats in both score and a cost."""
    fronts = {cost.title: front(search, cost) for cost in COSTS}
    members = {t["id"]: t for trials in fronts.values() for t in trials}
    rows = [
        [
            *(trial["id"], score(trial)),
            *costs(trial),
            ", ".join(k for k, trials in fronts.items() if trial in trials),
        ]
        for trial in ranked(list(members.values()))
    ]
    heads = ["trial", "score", *COST_HEADS, "on the front of"]
    return _table("Pareto front", heads, rows) if rows else ""


COST_HEADS = ("multiply-adds, millions", "parameters")


def costs(trial: Trial) -> list[str]:
    """A trial's multiply-adds and parameters, as `COST_HEADS` name them."""
    known = trial["measures"]
    adds, parameters = known.get("multiply_adds"), known.get("parameters")
    return [
        f"{adds / 1e6:.2f}" if adds else NONE,
        f"{parameters:,.0f}" if parameters else NONE,
    ]


def score(trial: Trial) -> str:
    """Its score, with as many digits everywhere."""
    return f"{trial['score']:.3f}"


def stitch_table(search: Search) -> str:
    """Which stages the best trials stitch; empty where none may be."""
    names = stages(search)
    trials = ranked(full(completed(search)))[:MOST_STITCHES]
    if not names or not trials:
        return ""
    heads = "".join(
        f'<th scope="col">{escape(name.removeprefix(STAGES))}</th>'
        for name in names
    )
    head = f'<tr><th scope="col">trial</th><th scope="col">score</th>{heads}'
    rows = "".join(_stitch_row(trial, names) for trial in trials)
    caption = f"The {len(trials)} best" if len(trials) > 1 else "The best"
    content = (
        f'<table class="matrix"><thead>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )
    return figure(caption, scroll(caption, content))


def _stitch_row(trial: Trial, names: Sequence[str]) -> str:
    cells = "".join(
        '<td style="background:#005a96;color:#fff">yes</td>'
        if trial["values"].get(name)
        else '<td style="background:#f1f1f1;color:#555">no</td>'
        for name in names
    )
    return (
        f'<tr><th scope="row">{escape(trial["id"])}</th>'
        f"<td>{score(trial)}</td>{cells}</tr>"
    )


def trial_table(search: Search) -> str:
    """All completed trials, with all measures and values."""
    trials = ranked(completed(search))
    scales_ = scales(search, trials)
    short = labels(scale.name for scale in scales_)
    measures = measure_keys(trials, search)
    heads = [
        "trial",
        "score",
        "epochs",
        "bracket / round",
        *COST_HEADS,
        "seconds",
    ]
    heads += [key.replace("_", " ") for key in measures]
    rows = [
        [
            *(trial["id"], score(trial), str(trial["epochs"]), _bracket(trial)),
            *costs(trial),
            *(_number(trial, key) for key in ("seconds", *measures)),
            *(text(trial["values"].get(x.name, NONE)) for x in scales_),
        ]
        for trial in trials
    ]
    heads += short.values()
    return _table("By epochs and score", heads, rows) if rows else ""


def failed_table(search: Search) -> str:
    """The failed trials with their reasons; empty without any."""
    trials = failed(search)
    if not trials:
        return ""
    rows = [[trial["id"], reason(trial)] for trial in trials]
    values = [[trial["id"], in_words(trial["values"])] for trial in trials]
    return _table("Reasons", ["trial", "reason"], rows, "words") + details(
        "Their values", _table("Values", ["trial", "values"], values, "words")
    )


def _bracket(trial: Trial) -> str:
    """Hyperband's bracket and round, such as `2 / 0`."""
    if trial.get("bracket") is None:
        return NONE
    return f"{trial['bracket']} / {trial.get('round')}"


def _number(trial: Trial, key: str) -> str:
    value = trial["measures"].get(key)
    return NONE if value is None else f"{value:.2f}"


def _table(
    caption: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    kind: str = "",
) -> str:
    return table(caption, [[(x, 1) for x in heads]], [("", rows)], kind)
