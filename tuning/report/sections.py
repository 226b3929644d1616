"""The sections of a search's report, where there are numbers for them."""

from collections.abc import Mapping
from html import escape

from facemtl.studies.report.markup import details, figure, side_by_side
from facemtl.studies.report.sections import Section
from facemtl.tuning.report.confirmation import confirmation_section
from facemtl.tuning.report.cost_chart import COSTS, cost_chart
from facemtl.tuning.report.importance import FORESTS, Importance, importance
from facemtl.tuning.report.importance_chart import importance_chart
from facemtl.tuning.report.parallel_chart import parallel_chart
from facemtl.tuning.report.points import count
from facemtl.tuning.report.progress_chart import progress_chart
from facemtl.tuning.report.tables import (
    best_table,
    failed_table,
    front_table,
    stitch_table,
    trial_table,
)
from facemtl.tuning.report.trials import Search, completed, shown
from facemtl.tuning.report.value_charts import value_chart
from facemtl.tuning.report.values import in_words
from facemtl.tuning.report.words import (
    ABOUT,
    IMPORTANCE,
    circumstances,
    how_to_read,
)
from facemtl.words import plural

MOST_CHARTS = 6  # of single hyperparameters


def sections(search: Search) -> list[Section]:
    """All sections that have something to say.

    Args:
        search: the content of `search.json`.
    """
    found = importance(search)
    made = [
        Section("reading", "How to read this", how_to_read(search)),
        Section("making", "How it was made", circumstances(search)),
        Section("best", "Best configuration", _best(search)),
        Section(
            "confirmation",
            "The best beside the default",
            confirmation_section(search),
        ),
        Section("progress", "Best so far", _progress(search)),
        Section("parallel", "Parallel coordinates", _parallel(search)),
        Section(
            "importance",
            "Importance of each hyperparameter",
            _importance(search, found),
        ),
        Section("cost", "Error against cost", _cost(search)),
        Section(
            "stitches",
            "Stitches of the best",
            _with("stitches", stitch_table(search)),
        ),
        Section("values", "Score by value", _values(search, found)),
        Section("trials", "All trials", _trials(search)),
        Section("failed", "Failed trials", failed_table(search)),
    ]
    return [section for section in made if section.content]


def _best(search: Search) -> str:
    table = best_table(search)
    if not table:
        return ""
    if not search["settings"]:
        return table
    settings = escape(in_words(search["settings"]))
    return f"{table}<p>And the settings of all trials: {settings}.</p>"


def _progress(search: Search) -> str:
    chart = progress_chart(search, "Best score so far, trial by trial")
    return _with("progress", _charts({"Scores in order": chart}))


def _parallel(search: Search) -> str:
    chart = parallel_chart(search, "Parallel coordinates of the trials")
    return _with("parallel", _charts({_which(search): chart}))


def _which(search: Search) -> str:
    """Which trials are shown, as a caption."""
    trials = shown(search)
    numbers = {trial["epochs"] for trial in trials}
    if len(numbers) != 1:
        return f"{len(trials)} trials, of different epochs"
    return f"{len(trials)} {plural(len(trials), 'trial')} of {count(*numbers)}"


def _importance(search: Search, found: Mapping[str, Importance]) -> str:
    if not found:
        return ""
    about = IMPORTANCE.format(
        forests=FORESTS, trials=len(completed(search)), names=len(found)
    )
    chart = importance_chart(found, "Importance of each hyperparameter")
    return f"<p>{about}</p>" + _charts({"The most important first": chart})


def _cost(search: Search) -> str:
    charts = {
        f"Against {cost.title}": cost_chart(
            search, cost, f"Score against {cost.title}"
        )
        for cost in COSTS
    }
    content = _charts(charts)
    return _with("cost", content + front_table(search) if content else "")


def _values(search: Search, found: Mapping[str, Importance]) -> str:
    names = [name for name, one in found.items() if one.mean > 0]
    charts = {
        name: value_chart(search, name, f"Score by {name}")
        for name in names[:MOST_CHARTS]
    }
    return _with("values", _charts(charts))


def _trials(search: Search) -> str:
    table = trial_table(search)
    n = len(completed(search))
    title = f"{n} completed {plural(n, 'trial')}"
    return details(title, table) if table else ""


def _charts(charts: Mapping[str, str]) -> str:
    """Charts below their captions; empty charts are left out."""
    return side_by_side(
        figure(caption, chart) for caption, chart in charts.items() if chart
    )


def _with(about: str, content: str) -> str:
    return ABOUT[about] + content if content else ""
