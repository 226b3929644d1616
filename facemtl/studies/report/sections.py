"""The sections of a report, each made only where there are numbers for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from facemtl.studies.report.charts import (
    Axis,
    cost_chart,
    group_chart,
)
from facemtl.studies.report.detail_sections import (
    alpha_section,
    class_section,
    confusion_section,
    curve_section,
    landmark_section,
    stop_section,
    weight_section,
)
from facemtl.studies.report.difference_chart import difference_chart
from facemtl.studies.report.difference_table import counted, difference_table
from facemtl.studies.report.html_tables import (
    main_measures,
    measure_table,
    score_table,
    settings_table,
    variants,
)
from facemtl.studies.report.markup import (
    SPLITS,
    by_group,
    capital,
    details,
    pair,
)
from facemtl.studies.report.style import Look, looks
from facemtl.studies.report.words import ABOUT, circumstances, how_to_read

Results = Mapping[str, Any]
Looks = Mapping[str, Look]


@dataclass(frozen=True)
class Section:
    """A heading's anchor and text, and the HTML below it."""

    anchor: str
    title: str
    content: str


def sections(results: Results) -> list[Section]:
    """All sections of a report that have something to say.

    Args:
        results: as `facemtl.studies.results.gather` gives them.
    """
    shown = looks(variant["name"] for variant in variants(results))
    made = [
        Section("reading", "How to read this", how_to_read(results)),
        Section("making", "How it was made", circumstances(results)),
        Section("summary", "Summary", _summary(results)),
        Section("settings", "Settings", settings_table(results)),
        Section("differences", "Differences", _differences(results)),
        Section("groups", "From group to group", _groups(results, shown)),
        Section(
            "landmarks", "Errors by landmark", landmark_section(results, shown)
        ),
        Section("curves", "Errors by face", curve_section(results, shown)),
        Section(
            "classes", "Errors by kind of face", class_section(results, shown)
        ),
        Section("cost", "Error against cost", _cost(results, shown)),
        Section("confusion", "Confusions", confusion_section(results)),
        Section(
            "alpha", "What streams take of each other", alpha_section(results)
        ),
        Section("weights", "How alike streams are", weight_section(results)),
        Section("stops", "When tasks were stopped", stop_section(results)),
        Section("measures", "All measures", _measures(results)),
    ]
    return [section for section in made if section.content]


def _summary(results: Results) -> str:
    first = main_measures(results)[0]
    return score_table(results) + _difference_tables(results, first)


def _difference_tables(results: Results, measure: str) -> str:
    return "".join(
        difference_table(results, split, measure)
        + counted(results, split, measure)
        for split in SPLITS
    )


def _differences(results: Results) -> str:
    """Each measure's forest plots, and its tables if not in the summary."""
    parts = []
    for i, measure in enumerate(main_measures(results)):
        content = ""
        if measure != "failure_rate_box_5":  # it tells what the error tells
            content += _difference_charts(results, measure)
        if i:
            tables = _difference_tables(results, measure)
            content += details("As tables", tables)
        title = capital(results["measures"][measure]["title"])
        parts += [f"<h3>{title}</h3>{content}"] if content else []
    return ABOUT["differences"] + "".join(parts) if parts else ""


def _difference_charts(results: Results, measure: str) -> str:
    axis = _axis(results, measure)
    baselines = results["study"]["baselines"]

    def build(group: Results, where: str) -> str:
        return pair(
            lambda split, title: difference_chart(
                group["variants"], split, axis, baselines, title
            ),
            f"Differences, {axis.title}{where}",
        )

    return by_group(results, build, level=4)


def _groups(results: Results, shown: Looks) -> str:
    parts = []
    for measure in main_measures(results):
        content = _group_charts(results, measure, shown)
        title = capital(results["measures"][measure]["title"])
        parts += [f"<h3>{title}</h3>{content}"] if content else []
    return ABOUT["groups"] + "".join(parts) if parts else ""


def _group_charts(results: Results, measure: str, shown: Looks) -> str:
    axis = _axis(results, measure)
    return pair(
        lambda split, title: group_chart(
            results["groups"], split, axis, shown, title
        ),
        f"From group to group, {axis.title}",
    )


def _cost(results: Results, shown: Looks) -> str:
    measure = main_measures(results)[0]
    axis = _axis(results, measure)

    def build(group: Results, where: str) -> str:
        return pair(
            lambda split, title: cost_chart(
                group["variants"], split, axis, shown, title
            ),
            f"{axis.title}, against multiply-adds{where}",
        )

    content = by_group(results, build)
    return ABOUT["cost"] + content if content else ""


def _axis(results: Results, measure: str) -> Axis:
    about = results["measures"][measure]
    better = "less" if about["less_is_better"] else "more"
    return Axis(measure, f"{about['title']} ({better} is better)")


def _measures(results: Results) -> str:
    return "".join(measure_table(results, split) for split in SPLITS)
