"""The report of a study: what is in it, where there are numbers for it."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from facemtl.studies.report.comparisons import (
    cost_section,
    difference_section,
    group_section,
    top_chart,
)
from facemtl.studies.report.detail_sections import (
    alpha_section,
    class_section,
    confusion_section,
    curve_section,
    landmark_section,
    weight_section,
)
from facemtl.studies.report.document import SPLITS, Report, Section, with_parts
from facemtl.studies.report.drawing import looks
from facemtl.studies.report.finding import finding, warning
from facemtl.studies.report.tables import (
    difference_table,
    main_measures,
    measure_table,
    settings_table,
    stop_table,
    summary_table,
    variants,
)
from facemtl.studies.report.words import ABOUT, circumstances, how_to_read


def study_report(
    results: Mapping[str, Any], gallery: Markup | None = None
) -> Report:
    """All that a study found.

    Args:
        results: as `facemtl.studies.results.gather` gives them.
        gallery: faces, from `draw_gallery`; they are the dataset's images.

    Example:

        report = study_report(json.loads(Path("results.json").read_text()))
        Path("report.html").write_text(report.html(), encoding="utf-8")
    """
    study, measure = results["study"], main_measures(results)[0]
    shown = looks(variant["name"] for variant in variants(results))
    summary = summary_table(results)
    differences = difference_table(results, measure, study["baselines"][:1])
    return Report(
        study["title"],
        study["question"],
        finding(results),
        warning(study["seeds"]),
        [summary, top_chart(results, measure, shown)],
        [summary, *([differences] if differences else [])],
        with_parts(
            [
                Section(
                    "How to read this", [how_to_read(results)], "reading", True
                ),
                Section("How it was made", [circumstances(results)], "making"),
                Section("Settings", [settings_table(results)], "settings"),
                difference_section(results),
                group_section(results, shown),
                landmark_section(results, shown),
                curve_section(results, shown),
                class_section(results, shown),
                cost_section(results, measure, shown),
                confusion_section(results),
                alpha_section(results),
                weight_section(results),
                _stops(results),
                _measures(results),
                Section("Faces", [gallery], "faces", True),
            ]
        ),
    )


def _stops(results: Mapping[str, Any]) -> Section:
    table = stop_table(results)
    parts = [ABOUT["stops"], table] if table else [ABOUT["no stops"]]
    return Section("When tasks were stopped", parts, "stops", True)


def _measures(results: Mapping[str, Any]) -> Section:
    tables = [measure_table(results, split) for split in SPLITS]
    return Section("All measures", [t for t in tables if t], "measures")
