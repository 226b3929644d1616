"""The charts and confusion matrices of a study."""

from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup

from facemtl.studies.measures import describe
from facemtl.studies.report.charts import Line, line_chart
from facemtl.studies.report.differences import axis_title, baseline_chart
from facemtl.studies.report.document import (
    SPLITS,
    Chart,
    Section,
    capital,
    pair,
)
from facemtl.studies.report.drawing import Look
from facemtl.studies.report.finding import best_comparisons
from facemtl.studies.report.tables import (
    confusion_table,
    main_measure,
    main_measures,
    variants,
)

Results = Mapping[str, Any]
Looks = Mapping[str, Look]
CURVE_END = 10  # % of the box width


def top_chart(results: Results, shown: Looks) -> Chart | None:
    """Draw differences to the first baseline, or scores without any."""
    measure, found = main_measure(results), best_comparisons(results)
    if not found:
        charts = cost_charts(results, shown, ", first")
        return charts[-1] if charts else None
    split, baseline = found[0].split, found[0].baseline
    label = f"{SPLITS[split]}: {describe(measure).title} minus {baseline}"
    svg = baseline_chart(results, split, measure, [baseline], label)
    return Chart(label, label, svg)


def group_charts(results: Results, shown: Looks) -> list[list[Chart]]:
    """Draw each main measure over the groups of a study."""
    groups = [group["name"] for group in results["groups"]]
    if len(groups) == 1:
        return []
    found = []
    for measure in main_measures(results):

        def make(split: str, label: str, measure: str = measure) -> Markup:
            scores: dict[str, list[tuple[int, Results]]] = {}
            for i, group in enumerate(results["groups"]):
                for v in group["variants"]:
                    if score := v["scores"].get(split, {}).get(measure):
                        scores.setdefault(v["name"], []).append((i, score))
            lines = [_line(x, scores[x], shown[x]) for x in scores]
            ticks = {"": list(enumerate(groups))}
            return line_chart(
                label, {"": lines}, ("", axis_title(measure)), ticks
            )

        found.append(pair(make, f"{describe(measure).title} by group"))
    return found


def curve_charts(results: Results, shown: Looks) -> list[Chart]:
    """Draw the cumulative error distribution of the faces."""
    titles = ("NME-box of a face, %", "faces with at most this error, %")
    limits: dict[str, Any] = {"xlim": (0, CURVE_END), "ylim": (0, 101)}

    def make(group: Results, split: str, label: str) -> Markup:
        lines = []
        for variant in group["variants"]:
            curve = variant["curve"].get(split)
            if curve:
                shares = [100 * i / (len(curve) - 1) for i in range(len(curve))]
                look = {**shown[variant["name"]], "marker": ""}
                points = ([0, *curve], [0, *shares])
                lines.append(Line(variant["name"], *points, look))
        return line_chart(label, {"": lines}, titles, **limits)

    return _by_group(results, make, "Share of faces by their NME-box")


def cost_charts(results: Results, shown: Looks, where: str = "") -> list[Chart]:
    """Draw the main measure against the cost per face."""
    measure = main_measure(results)
    titles = ("multiply-adds a face, millions", axis_title(measure))

    def make(group: Results, split: str, label: str) -> Markup:
        points = [
            _line(
                v["name"],
                [(v["multiply_adds"] / 1e6, score)],
                {**shown[v["name"]], "linestyle": "", "alpha": 0.8},
            )
            for v in group["variants"]
            if (score := v["scores"].get(split, {}).get(measure))
        ]
        return line_chart(label, {"": points}, titles)

    title = f"{describe(measure).title} against multiply-adds{where}"
    return _by_group(results, make, title)


def confusions(results: Results) -> list[Section]:
    """Return confusion matrices on test faces, else on validation faces."""
    tested = any(v["confusion"].get("test") for v in variants(results))
    split = "test" if tested else "validation"
    tables: dict[str, list[Any]] = {}
    for group in results["groups"]:
        for variant in group["variants"]:
            name = ", ".join(filter(None, (variant["name"], group["name"])))
            for task, counts in variant["confusion"].get(split, {}).items():
                table = confusion_table(counts, f"{name}, {split} faces")
                tables.setdefault(task, []).append(table)
    return [Section(capital(task), [some]) for task, some in tables.items()]


def _by_group(
    results: Results, make: Callable[[Results, str, str], Markup], title: str
) -> list[Chart]:
    """Return the charts of both splits of each group."""
    charts: list[Chart] = []
    for group in results["groups"]:

        def of_group(split: str, label: str, group: Results = group) -> Markup:
            return make(group, split, label)

        where = ", ".join(filter(None, (title, group["name"])))
        charts += pair(of_group, where, group["name"])
    return charts


def _line(name: str, scores: list[tuple[Any, Results]], look: Look) -> Line:
    x, parts = zip(*scores, strict=True)
    means = [part["mean"] for part in parts]
    return Line(name, x, means, look, [part["std"] for part in parts])
