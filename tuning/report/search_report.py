"""The report of a search."""

from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup

from facemtl.studies.measures import describe
from facemtl.studies.paths import without_folders
from facemtl.studies.report.differences import (
    difference_cell,
    difference_table,
)
from facemtl.studies.report.document import (
    SPLITS,
    Chart,
    Report,
)
from facemtl.studies.report.finding import warning
from facemtl.studies.report.study_report import how_to_read
from facemtl.studies.report.table import Table
from facemtl.studies.report.tables import (
    main_measures,
    measure_table,
    summary_table,
    variants,
)
from facemtl.tuning.report.charts import (
    cost_chart,
    parallel_chart,
    progress_chart,
    value_chart,
)
from facemtl.tuning.report.importance import importance
from facemtl.tuning.report.tables import (
    best_table,
    failed_table,
    front_table,
    importance_table,
    stitch_table,
    trial_table,
)
from facemtl.tuning.report.trials import Search, score_title
from facemtl.tuning.report.words import finding, made

TITLES = {
    progress_chart: "Scores in the order of the trials",
    parallel_chart: "Values and scores of the trials",
    cost_chart: "Score against cost",
    value_chart: "Score by value, the most important first",
}


def search_report(search: Search) -> Report:
    """Build the report of a search, finished or not.

    Args:
        search: content of `search.json`.

    Example:

        report = search_report(json.loads(Path("search.json").read_text()))
        Path("report.html").write_text(report.html(), encoding="utf-8")
    """
    search = without_folders(search)
    results = search["confirmation"]
    best, found = best_table(search), importance(search)
    top = _summaries(results) if results else [best] if best else []
    return Report(
        search["title"],
        "",
        finding(search),
        warning(results["study"]["seeds"]) if results else "",
        [*top, _chart(progress_chart, search)],
        top,
        {
            "How to read this": [how_to_read(results, score_title(search))],
            "How it was made": [made(search)],
            "Best configuration": [best] if results else [],
            "Best and default": _details(results) if results else [],
            "Parallel coordinates": [_chart(parallel_chart, search)],
            "Importance of each hyperparameter": [importance_table(found)],
            "Error against cost": [
                _chart(cost_chart, search),
                front_table(search),
            ],
            "Stitches of the best trials": [stitch_table(search)],
            "Score by value": [_chart(value_chart, search, list(found))],
            "All trials": [trial_table(search)],
            "Failed trials": [failed_table(search)],
        },
    )


def _summaries(results: Mapping[str, Any]) -> list[Table]:
    """Return main scores of the best and the default, and differences."""
    measure, baselines = (
        main_measures(results)[0],
        results["study"]["baselines"],
    )
    difference = difference_table(results, measure, baselines)
    return [summary_table(results), *([difference] if difference else [])]


def _details(results: Mapping[str, Any]) -> list[Table | None]:
    """Return all measures of the best and the default, and differences."""
    (best,) = [v for v in variants(results) if v["against"]]
    (baseline,) = best["against"]
    rows = [
        [
            describe(measure).title,
            *(difference_cell(best, baseline, x, measure) for x in SPLITS),
        ]
        for measure in results["measures"]
    ]
    caption = f"{best['name']} minus {baseline}, with 95 % intervals"
    differences = Table(["measure", *SPLITS], rows, caption)
    return [differences, *(measure_table(results, x) for x in SPLITS)]


def _chart(make: Callable[..., Markup], *given: Any) -> Chart | None:
    """Return a chart of the trials, or None without any."""
    title = TITLES[make]
    svg = make(title, *given)
    return Chart(title, title, svg) if svg else None
