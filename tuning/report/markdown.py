"""A search as a Markdown report."""

from collections.abc import Sequence
from pathlib import Path

from facemtl.files.writing import write_whole
from facemtl.markdown import table as markdown_table
from facemtl.studies.paths import without_folders
from facemtl.studies.report.difference_table import signed
from facemtl.studies.table import difference_table, score_table, summary_table
from facemtl.tuning.report.cost_chart import COSTS, front
from facemtl.tuning.report.importance import importance
from facemtl.tuning.report.tables import COST_HEADS, NONE, costs, score
from facemtl.tuning.report.trials import (
    Search,
    Trial,
    best,
    completed,
    ranked,
    reasons,
)
from facemtl.tuning.report.values import NOT_USED, scales, text
from facemtl.tuning.report.words import LUCKY, made, summary
from facemtl.words import plural

MOST = 10  # trials in the table of the best


def write_markdown(search: Search, file: str | Path) -> None:
    """Write the report of a search as Markdown, whole or not at all.

    Args:
        search: the content of `search.json`.
        file: the Markdown file to write.

    Example:

        write_markdown(json.loads(Path("search.json").read_text()), "search.md")
    """
    write_whole(markdown(without_folders(search)), Path(file))


def markdown(search: Search) -> str:
    """All parts of the report for which there are numbers."""
    titles = {
        "How it was made": _making(search),
        "Best configuration": _best(search),
        "The best beside the default": _confirmation(search),
        f"The best of the {len(completed(search))} completed trials": _top(
            search
        ),
        "Importance of each hyperparameter": _importance(search),
        "Error against cost": _front(search),
        "Failed trials": _failed(search),
    }
    head = f"# {_plain(search['title'])}\n\n{_plain(summary(search))}."
    parts = [f"## {title}\n\n{x}" for title, x in titles.items() if x]
    return "\n\n".join([head, *parts]) + "\n"


def _making(search: Search) -> str:
    lines = [f"- {k}: {_plain(x)}" for k, x in made(search).items()]
    if search["command"]:
        lines.insert(0, f"- Command: `{search['command']}`")
    return "\n".join(lines)


def _best(search: Search) -> str:
    trial = best(search)
    if trial is None:
        return ""
    rows = [
        [
            f"`{scale.name}`",
            text(search["default"].get(scale.name, NONE)),
            text(trial["values"].get(scale.name, NOT_USED)),
        ]
        for scale in scales(search, [trial])
    ]
    table = _table(["hyperparameter", "default", f"trial {trial['id']}"], rows)
    return table if search["confirmation"] else f"{table}\n\n{LUCKY}"


def _confirmation(search: Search) -> str:
    """The tables of the study of the default and the best."""
    results = search["confirmation"]
    if not results:
        return ""
    seeds = results["study"]["seeds"]
    parts = [
        f"{seeds} {plural(seeds, 'seed')} each, mean ± standard deviation; "
        "differences on validation | test with a 95 % interval."
    ]
    for group in results["groups"]:
        splits = dict.fromkeys(
            s for v in group["variants"] for s in v["scores"]
        )
        parts.append(summary_table(group))
        parts += [score_table(group, split) for split in splits]
        parts += [
            difference_table(group, baseline)
            for baseline in results["study"]["baselines"]
        ]
    return "\n\n".join(parts)


def _top(search: Search) -> str:
    """The best trials, a column each: there are many hyperparameters."""
    trials = ranked(completed(search))[:MOST]
    if not trials:
        return ""
    rows = [
        ["score", *map(score, trials)],
        ["epochs", *(str(trial["epochs"]) for trial in trials)],
        *(
            [head, *(costs(trial)[i] for trial in trials)]
            for i, head in enumerate(COST_HEADS)
        ),
        *(
            [
                f"`{x.name}`",
                *(text(t["values"].get(x.name, NONE)) for t in trials),
            ]
            for x in scales(search, trials)
        ),
    ]
    return _table(["trial", *(trial["id"] for trial in trials)], rows)


def _importance(search: Search) -> str:
    rows = [
        [f"`{name}`", f"{signed(one.mean)} ± {one.spread:.2f}"]
        for name, one in importance(search).items()
    ]
    if not rows:
        return ""
    about = (
        "How much the squared error of a random forest that foretells ranks by "
        "score grows when one hyperparameter's values are shuffled; 1 is the "
        "variance of the ranks. Rough, with so few trials."
    )
    return f"{about}\n\n{_table(['hyperparameter', 'importance'], rows)}"


def _front(search: Search) -> str:
    """The Pareto fronts of the trials of the most epochs."""
    parts = []
    for cost in COSTS:
        rows = [_front_row(trial) for trial in front(search, cost)]
        if rows:
            head = f"No other trial is better in both score and {cost.title}:"
            table = _table(["trial", "score", *COST_HEADS], rows)
            parts.append(f"{head}\n\n{table}")
    return "\n\n".join(parts)


def _front_row(trial: Trial) -> list[str]:
    return [trial["id"], score(trial), *costs(trial)]


def _failed(search: Search) -> str:
    counts = reasons(search).most_common()
    rows = [[str(number), reason] for reason, number in counts]
    return _table(["trials", "reason"], rows) if rows else ""


def _table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    heads, *cells = [list(map(_cell, line)) for line in (titles, *rows)]
    return markdown_table(heads, cells)


def _cell(words: str) -> str:
    return _plain(words).replace("|", "\\|")


def _plain(words: str) -> str:
    """A text in one line that is no HTML."""
    words = words.replace("&", "&amp;").replace("<", "&lt;")
    return " ".join(words.split())
