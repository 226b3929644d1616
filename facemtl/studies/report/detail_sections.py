"""The sections with details: points, kinds of faces, and streams."""

from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup

from facemtl.studies.measures import describe
from facemtl.studies.report.charts import Bar, Looks, bar_chart, curve_chart
from facemtl.studies.report.document import Chart, Section, capital, pair
from facemtl.studies.report.sharing_charts import (
    alpha_chart,
    alpha_history_chart,
    regularization_chart,
)
from facemtl.studies.report.tables import confusion_table, variants
from facemtl.studies.report.words import ABOUT

Results = Mapping[str, Any]
Make = Callable[[Results, str, str], Markup]
BARS = ("mean_error_box", "failure_rate_box_5")


def landmark_section(results: Results, shown: Looks) -> Section:
    """NME-box and failure rate of each landmark and of all of them."""
    parts = []
    for measure in BARS:
        title = describe(measure).title

        def make(
            group: Results, split: str, label: str, measure: str = measure
        ) -> Markup:
            panels = _landmark_panels(group, split, measure)
            return bar_chart(label, panels, describe(measure).title, shown)

        charts = _by_group(results, make, f"{title} by landmark")
        parts += [Section(title, charts)] if charts else []
    return _section("Errors by landmark", "landmarks", parts)


def _landmark_panels(
    group: Results, split: str, measure: str
) -> dict[str, dict[str, Bar]]:
    panels: dict[str, dict[str, Bar]] = {}
    for variant in group["variants"]:
        score = variant["scores"].get(split, {}).get(measure)
        points = variant["landmarks"].get(split, {})
        if score and points:
            bar = Bar(score["mean"], score["std"])
            panels.setdefault("all points", {})[variant["name"]] = bar
        for point, part in points.items():
            bar = Bar(part[measure])
            panels.setdefault(point, {})[variant["name"]] = bar
    return panels


def curve_section(results: Results, shown: Looks) -> Section:
    """Cumulative curves of the faces' errors."""

    def make(group: Results, split: str, label: str) -> Markup:
        curves = {
            v["name"]: curve
            for v in group["variants"]
            if (curve := v["curve"].get(split))
        }
        return curve_chart(label, curves, shown)

    charts = _by_group(results, make, "Share of faces by their NME-box")
    return _section("Errors by face", "curves", charts)


def class_section(results: Results, shown: Looks) -> Section:
    """Errors by pose and other classes: those of two share a chart."""
    sizes = {
        task: len(classes)
        for variant in variants(results)
        for tasks in variant["by"].values()
        for task, classes in tasks.items()
    }
    large = [[task] for task, size in sizes.items() if size > 2]
    small = [task for task, size in sizes.items() if size <= 2]
    unit, parts = describe("mean_error_box").title, []
    for tasks in filter(None, (*large, small)):

        def make(
            group: Results, split: str, label: str, tasks: list[str] = tasks
        ) -> Markup:
            return bar_chart(
                label, _class_panels(group, split, tasks), unit, shown
            )

        charts = _by_group(results, make, f"NME-box by {', '.join(tasks)}")
        parts.append(Section(capital(", ".join(tasks)), charts))
    return _section("Errors by kind of face", "classes", parts)


def _class_panels(
    group: Results, split: str, tasks: list[str]
) -> dict[str, dict[str, Bar]]:
    panels: dict[str, dict[str, Bar]] = {}
    for variant in group["variants"]:
        for task in tasks:
            classes = variant["by"].get(split, {}).get(task, {})
            for name, part in classes.items():
                head = name if len(tasks) == 1 else f"{task}: {name}"
                bars = panels.setdefault(f"{head} ({part['n']:.0f})", {})
                bars[variant["name"]] = Bar(part["mean_error_box"])
    return panels


def confusion_section(results: Results) -> Section:
    """Confusion matrices on test faces, or on validation faces without."""
    tested = any(v["confusion"].get("test") for v in variants(results))
    split = "test" if tested else "validation"
    tasks = dict.fromkeys(
        task
        for v in variants(results)
        for task in v["confusion"].get(split, ())
    )
    parts = []
    for task in tasks:
        tables = [
            confusion_table(counts, f"{v['name']}{_where(group)}")
            for group in results["groups"]
            for v in group["variants"]
            if (counts := v["confusion"].get(split, {}).get(task))
        ]
        parts.append(Section(capital(task), [tables]))
    about = [ABOUT["confusion"].format(split), *parts] if parts else []
    return Section("Confusions", about, "confusion", True)


def alpha_section(results: Results) -> Section:
    """α by channel and, mean by mean, over the epochs."""
    charts = []
    for group in results["groups"]:
        for variant in group["variants"]:
            name = f"{variant['name']}{_where(group)}"
            at_end, by_epoch = f"{name}: α by channel", f"{name}: α by epoch"
            drawn = {
                at_end: alpha_chart(at_end, variant["alpha"]),
                by_epoch: alpha_history_chart(by_epoch, variant["history"]),
            }
            charts += [
                Chart(label, label, svg) for label, svg in drawn.items() if svg
            ]
    return _section("What streams take of each other", "alpha", charts)


def weight_section(results: Results) -> Section:
    """Distances, norms and linear maps of regularized layers."""
    charts = []
    for group in results["groups"]:
        for variant in group["variants"]:
            name = f"{variant['name']}{_where(group)}"
            label = f"Weights of {name}"
            svg = regularization_chart(label, variant["history"])
            charts += [Chart(name, label, svg)] if svg else []
    return _section("How alike streams are", "weights", charts)


def _by_group(results: Results, make: Make, title: str) -> list[Any]:
    """The charts of both splits of each group, under the group's name."""
    parts: list[Any] = []
    for group in results["groups"]:
        charts = pair(
            lambda split, label, group=group: make(group, split, label),
            f"{title}{_where(group)}",
        )
        if charts and group["name"]:
            parts.append(Section(group["name"], [charts]))
        elif charts:
            parts.append(charts)
    return parts


def _section(title: str, anchor: str, parts: list[Any]) -> Section:
    """A section of charts, which Markdown cannot show."""
    if parts and isinstance(parts[0], Chart):
        parts = [parts]  # side by side
    about = [ABOUT[anchor], *parts] if parts else []
    return Section(title, about, anchor, True)


def _where(group: Results) -> str:
    return f", {group['name']}" if group["name"] else ""
