"""The sections that look closer: at points, kinds of faces, and streams."""

from collections.abc import Callable, Mapping
from typing import Any

from facemtl.studies.report.bar_charts import class_bars, landmark_bars
from facemtl.studies.report.charts import error_curves
from facemtl.studies.report.confusion import confusion_tables
from facemtl.studies.report.html_tables import stop_table, variants
from facemtl.studies.report.markup import (
    by_group,
    capital,
    figure,
    pair,
    side_by_side,
)
from facemtl.studies.report.sharing_charts import (
    alpha_chart,
    alpha_history_chart,
    regularization_chart,
)
from facemtl.studies.report.style import Look
from facemtl.studies.report.words import ABOUT

Results = Mapping[str, Any]
Looks = Mapping[str, Look]
# The bars of landmarks, and what each is about.
BARS = {
    "mean_error_box": "Mean error",
    "failure_rate_box_5": "Points off by more than 5 % of the box",
}


def landmark_section(results: Results, shown: Looks) -> str:
    """Mean error and failures of each landmark."""
    parts = []
    for measure, words in BARS.items():
        content = _bars(results, measure, words, shown)
        parts += [f"<h3>{words}</h3>{content}"] if content else []
    return ABOUT["landmarks"] + "".join(parts) if parts else ""


def _bars(results: Results, measure: str, words: str, shown: Looks) -> str:
    def build(group: Results, where: str) -> str:
        return pair(
            lambda split, title: landmark_bars(
                group["variants"], split, measure, shown, title
            ),
            f"{words} by landmark{where}",
        )

    return by_group(results, build, level=4)


def curve_section(results: Results, shown: Looks) -> str:
    """Cumulative curves of the faces' errors."""

    def build(group: Results, where: str) -> str:
        return pair(
            lambda split, title: error_curves(
                group["variants"], split, shown, title
            ),
            f"Share of faces by their mean error{where}",
        )

    return _with("curves", by_group(results, build))


def class_section(results: Results, shown: Looks) -> str:
    """Errors by pose and other classes: those of two share a chart."""
    sizes = {
        task: len(classes)
        for variant in variants(results)
        for tasks in variant["by"].values()
        for task, classes in tasks.items()
    }
    large = [[task] for task, size in sizes.items() if size > 2]
    small = [task for task, size in sizes.items() if size <= 2]
    charts = [tasks for tasks in (*large, small) if tasks]

    parts = [
        f"<h3>{capital(', '.join(tasks))}</h3>"
        f"{_class_charts(results, tasks, shown)}"
        for tasks in charts
    ]
    return _with("classes", "".join(parts))


def _class_charts(results: Results, tasks: list[str], shown: Looks) -> str:
    def build(group: Results, where: str) -> str:
        return pair(
            lambda split, title: class_bars(
                group["variants"], split, tasks, shown, title
            ),
            f"Mean error by {', '.join(tasks)}{where}",
        )

    return by_group(results, build, level=4)


def confusion_section(results: Results) -> str:
    """Confusion matrices on test faces, or on validation faces without."""
    tested = any(v["confusion"].get("test") for v in variants(results))
    split = "test" if tested else "validation"
    tasks = dict.fromkeys(
        task
        for v in variants(results)
        for task in v["confusion"].get(split, ())
    )
    parts = [
        f"<h3>{capital(task)}</h3>{_confusions(results, split, task)}"
        for task in tasks
    ]
    about = ABOUT["confusion"].replace("SPLIT", split)
    return about + "".join(parts) if parts else ""


def _confusions(results: Results, split: str, task: str) -> str:
    def build(group: Results, where: str) -> str:
        return confusion_tables(group["variants"], split, task)

    return by_group(results, build, level=4)


def alpha_section(results: Results) -> str:
    """α by channel and, mean by mean, over the epochs."""

    def charts(variant: Results, where: str) -> list[str]:
        name, alpha = variant["name"], variant["alpha"]
        at_end, on_the_way = f"{name}: α by channel", f"{name}: α by epoch"
        by_epoch = alpha_history_chart(variant["history"], on_the_way + where)
        return [
            _figure(at_end, alpha_chart(alpha, at_end + where)),
            _figure(on_the_way, by_epoch),
        ]

    return _with("alpha", _by_variant(results, charts))


def weight_section(results: Results) -> str:
    """Distances, norms and linear maps of regularized layers."""

    def charts(variant: Results, where: str) -> list[str]:
        title = f"Weights of {variant['name']}{where}"
        chart = regularization_chart(variant["history"], title)
        return [_figure(variant["name"], chart)]

    return _with("weights", _by_variant(results, charts))


def stop_section(results: Results) -> str:
    """When tasks were stopped; a line where none was."""
    table = stop_table(results)
    if table:
        return ABOUT["stops"] + table
    return "<p>No task was stopped before the end, in any run.</p>"


def _by_variant(
    results: Results, charts: Callable[[Results, str], list[str]]
) -> str:
    """The charts of each variant, from the variant and `", its group"`."""

    def build(group: Results, where: str) -> str:
        return side_by_side(
            chart
            for variant in group["variants"]
            for chart in charts(variant, where)
        )

    return by_group(results, build)


def _figure(caption: str, chart: str) -> str:
    return figure(caption, chart) if chart else ""


def _with(about: str, content: str) -> str:
    return ABOUT[about] + content if content else ""
