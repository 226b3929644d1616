"""The parts of a study's report that compare its variants."""

from collections.abc import Mapping
from typing import Any

from facemtl.studies.measures import describe
from facemtl.studies.report.charts import (
    Looks,
    cost_chart,
    difference_chart,
    group_chart,
)
from facemtl.studies.report.document import (
    SPLITS,
    Chart,
    Section,
    capital,
    pair,
)
from facemtl.studies.report.finding import best_comparisons
from facemtl.studies.report.tables import (
    difference_table,
    main_measures,
    part_of,
)
from facemtl.studies.report.words import ABOUT
from facemtl.words import plural

Results = Mapping[str, Any]


def top_chart(results: Results, measure: str, shown: Looks) -> Chart | None:
    """The differences to the first baseline; scores where there are none."""
    title = describe(measure).title
    found = best_comparisons(results, measure)
    if not found:
        charts = cost_charts(results, measure, shown, "at the top")
        return charts[-1] if charts else None
    split, baseline = found[0].split, found[0].baseline
    panels = difference_panels(results, split, measure, [baseline])
    label = f"{title} minus that of {baseline}, {split} faces"
    svg = difference_chart(label, panels, _axis(measure))
    return Chart(
        f"{SPLITS[split]}: {title} minus that of {baseline}", label, svg
    )


def difference_section(results: Results) -> Section:
    """Each measure's forest plots and table, and how many differ."""
    baselines, parts = results["study"]["baselines"], []
    for measure in results["measures"]:
        table = difference_table(results, measure, baselines)
        if table is None or "interocular" in measure:  # as those by box
            continue
        charts = []
        # Failures tell what the error tells.
        if measure in main_measures(results) and "failure" not in measure:
            charts = _difference_charts(results, measure)
        counts = [counted(results, split, measure) for split in SPLITS]
        below = [charts, table, *filter(None, counts)]
        parts.append(
            Section(capital(describe(measure).title), [x for x in below if x])
        )
    return Section(
        "Differences",
        [ABOUT["differences"], *parts] if parts else [],
        "differences",
    )


def _difference_charts(results: Results, measure: str) -> list[Chart]:
    baselines = results["study"]["baselines"]
    return pair(
        lambda split, label: difference_chart(
            label,
            difference_panels(results, split, measure, baselines),
            _axis(measure),
        ),
        f"Differences in {describe(measure).title}",
    )


def difference_panels(
    results: Results, split: str, measure: str, baselines: list[str]
) -> dict[str, dict[str, Any]]:
    """{group and baseline: {variant: difference}} for a forest plot."""
    panels = {}
    for group in results["groups"]:
        for baseline in baselines:
            parts = {
                v["name"]: part
                for v in group["variants"]
                if (part := part_of(v, baseline, split, measure))
            }
            if parts:
                head = f"minus {baseline}"
                panels[
                    f"{group['name']}: {head}" if group["name"] else head
                ] = parts
    return panels


def counted(results: Results, split: str, measure: str) -> str:
    """How many pairs of variants differ; empty where none can be told."""
    verdicts: dict[tuple[str, ...], str] = {}
    for group in results["groups"]:
        for variant in group["variants"]:
            for baseline in variant["against"]:
                part = part_of(variant, baseline, split, measure)
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


def group_section(results: Results, shown: Looks) -> Section:
    """Each main measure over the groups of a study."""
    parts = []
    for measure in main_measures(results):
        charts = _group_charts(results, measure, shown)
        if charts:
            parts.append(Section(capital(describe(measure).title), [charts]))
    return Section(
        "From group to group",
        [ABOUT["groups"], *parts] if parts else [],
        "groups",
    )


def _group_charts(results: Results, measure: str, shown: Looks) -> list[Chart]:
    names = [group["name"] for group in results["groups"]]

    def make(split: str, label: str) -> Any:
        lines: dict[str, list[tuple[int, Any]]] = {}
        for i, group in enumerate(results["groups"]):
            for variant in group["variants"]:
                score = variant["scores"].get(split, {}).get(measure)
                if score:
                    lines.setdefault(variant["name"], []).append((i, score))
        return group_chart(label, names, lines, _axis(measure), shown)

    return pair(make, f"{describe(measure).title} from group to group")


def cost_section(results: Results, measure: str, shown: Looks) -> Section:
    """A measure against the cost of a face."""
    charts = cost_charts(results, measure, shown)
    parts = [ABOUT["cost"], charts] if charts else []
    return Section("Error against cost", parts, "cost")


def cost_charts(
    results: Results, measure: str, shown: Looks, where: str = ""
) -> list[Chart]:
    """A measure against multiply-adds, for each split of each group."""
    found = []
    for group in results["groups"]:

        def make(split: str, label: str, group: Results = group) -> Any:
            points = {
                v["name"]: (v["multiply_adds"], score)
                for v in group["variants"]
                if (score := v["scores"].get(split, {}).get(measure))
            }
            return cost_chart(label, points, _axis(measure), shown)

        words = filter(None, (group["name"], where))
        title = f"{describe(measure).title} against multiply-adds"
        found += pair(make, ", ".join([title, *words]))
    return found


def _axis(measure: str) -> str:
    about = describe(measure)
    better = "less" if about.less_is_better else "more"
    return f"{about.title} ({better} is better)"
