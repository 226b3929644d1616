"""The sections of a study's report, empty where there are no numbers."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from facemtl.studies.measures import describe
from facemtl.studies.report.charts import Line, difference_chart, line_chart
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
    difference_table,
    difference_to,
    main_measures,
    part_table,
    variants,
)
from facemtl.words import plural

Results = Mapping[str, Any]
Looks = Mapping[str, Look]
CURVE_END = 10  # % of the box's width


def top_chart(results: Results, measure: str, shown: Looks) -> Chart | None:
    """The differences to the first baseline; scores where there are none."""
    title = describe(measure).title
    found = best_comparisons(results, measure)
    if not found:
        charts = cost_charts(results, measure, shown, ", first")
        return charts[-1] if charts else None
    split, baseline = found[0].split, found[0].baseline
    panels = _difference_panels(results, split, measure, [baseline])
    label = f"{SPLITS[split]}: {title} minus that of {baseline}"
    return Chart(label, label, difference_chart(label, panels, _axis(measure)))


def differences(results: Results) -> list[Any]:
    """Each measure's forest plots and table, and how many differ."""
    baselines, parts = results["study"]["baselines"], []
    for measure in results["measures"]:
        table = difference_table(results, measure, baselines)
        if table is None or "interocular" in measure:  # as those by box
            continue
        counts = [counted(results, split, measure) for split in SPLITS]
        below: list[Any] = [table, *filter(None, counts)]
        # Failures tell what the error tells.
        if measure in main_measures(results) and "failure" not in measure:
            below.insert(0, _difference_charts(results, measure))
        parts.append(Section(capital(describe(measure).title), below))
    return parts


def _difference_charts(results: Results, measure: str) -> list[Chart]:
    def make(split: str, label: str) -> Markup:
        baselines = results["study"]["baselines"]
        panels = _difference_panels(results, split, measure, baselines)
        return difference_chart(label, panels, _axis(measure))

    return pair(make, f"Differences in {describe(measure).title}")


def _difference_panels(
    results: Results, split: str, measure: str, baselines: list[str]
) -> dict[str, dict[str, Any]]:
    """{group and baseline: {variant: difference}}."""
    panels = {}
    for group in results["groups"]:
        for baseline in baselines:
            parts = {
                v["name"]: part
                for v in group["variants"]
                if (part := difference_to(v, baseline, split, measure))
            }
            head = f"{group['name']}, minus {baseline}".removeprefix(", ")
            panels |= {head: parts} if parts else {}
    return panels


def counted(results: Results, split: str, measure: str) -> str:
    """How many pairs of variants differ; empty where none can be told."""
    verdicts: dict[tuple[str, ...], str] = {}
    for group in results["groups"]:
        for variant in group["variants"]:
            for baseline in variant["against"]:
                part = difference_to(variant, baseline, split, measure)
                # Two baselines are compared both ways.
                both = (group["name"], *sorted((variant["name"], baseline)))
                verdicts |= {both: part["verdict"]} if part else {}
    n = len(verdicts)
    if not n or results["study"]["seeds"] == 1:
        return ""
    differ = sum(word in ("better", "worse") for word in verdicts.values())
    verb = "differs" if differ == 1 else "differ"
    return (
        f"Of these {n} {plural(n, 'pair')}, {differ} {verb} on {split} faces. "
        f"Without any effect at all, about {0.05 * n:.1f} would still seem to."
    )


def group_charts(results: Results, shown: Looks) -> list[Any]:
    """Each main measure over the groups of a study."""
    groups = results["groups"]
    ticks = {"": [(i, group["name"]) for i, group in enumerate(groups)]}
    parts = []
    for measure in main_measures(results):

        def make(split: str, label: str, measure: str = measure) -> Markup:
            lines = []
            for name, look in shown.items():
                scores = {
                    i: score
                    for i, group in enumerate(groups)
                    for v in group["variants"]
                    if v["name"] == name
                    and (score := v["scores"].get(split, {}).get(measure))
                }
                if len(scores) > 1:
                    lines.append(
                        _scored(name, [*scores], [*scores.values()], look)
                    )
            return line_chart(label, {"": lines}, ("", _axis(measure)), ticks)

        title = describe(measure).title
        charts = pair(make, f"{title} from group to group")
        parts += [Section(capital(title), [charts])] if charts else []
    return parts


def landmark_tables(results: Results) -> list[Any]:
    """NME-box and failure rate of each landmark."""
    return [
        part_table(results, "landmarks", split, measure)
        for measure in ("mean_error_box", "failure_rate_box_5")
        for split in SPLITS
    ]


def curve_charts(results: Results, shown: Looks) -> list[Chart]:
    """Cumulative curves of the faces' errors."""
    titles = ("NME-box of a face, %", "faces with at most this error, %")

    def make(group: Results, split: str, label: str) -> Markup:
        lines = []
        for variant in group["variants"]:
            curve = variant["curve"].get(split)
            if curve:
                shares = [100 * i / (len(curve) - 1) for i in range(len(curve))]
                look = {**shown[variant["name"]], "marker": ""}
                lines.append(
                    Line(variant["name"], [0, *curve], [0, *shares], look)
                )
        limits = {"xlim": (0, CURVE_END), "ylim": (0, 101)}
        return line_chart(label, {"": lines}, titles, **limits)

    return _by_group(results, make, "Share of faces by their NME-box")


def cost_charts(
    results: Results, measure: str, shown: Looks, where: str = ""
) -> list[Chart]:
    """A measure against the cost of a face, for each split of each group."""
    titles = ("multiply-adds a face, millions", _axis(measure))

    def make(group: Results, split: str, label: str) -> Markup:
        points = [
            _scored(
                v["name"],
                [v["multiply_adds"] / 1e6],
                [score],
                {**shown[v["name"]], "linestyle": "", "alpha": 0.8},
            )
            for v in group["variants"]
            if (score := v["scores"].get(split, {}).get(measure))
        ]
        return line_chart(label, {"": points}, titles)

    title = f"{describe(measure).title} against multiply-adds{where}"
    return _by_group(results, make, title)


def confusions(results: Results) -> list[Any]:
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
    return parts


def _by_group(
    results: Results, make: Callable[[Results, str, str], Markup], title: str
) -> list[Chart]:
    """The charts of both splits of each group."""
    charts: list[Chart] = []
    for group in results["groups"]:

        def of_group(split: str, label: str, group: Results = group) -> Markup:
            return make(group, split, label)

        charts += pair(of_group, f"{title}{_where(group)}", group["name"])
    return charts


def _scored(
    name: str, x: Sequence[float], scores: Sequence[Results], look: Look
) -> Line:
    means = [score["mean"] for score in scores]
    return Line(name, x, means, look, [score["std"] for score in scores])


def _axis(measure: str) -> str:
    better = "less" if describe(measure).less_is_better else "more"
    return f"{describe(measure).title} ({better} is better)"


def _where(group: Results) -> str:
    return f", {group['name']}" if group["name"] else ""
