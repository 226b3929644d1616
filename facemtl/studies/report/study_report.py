"""The report of a study."""

from collections.abc import Mapping
from pathlib import PureWindowsPath
from typing import Any

from markupsafe import Markup

from facemtl.evaluation.normalizers import INTEROCULAR, title_of
from facemtl.studies.measures import repeats_box
from facemtl.studies.report import differences, sections, sharing, tables
from facemtl.studies.report.document import SPLITS, Report, fill
from facemtl.studies.report.drawing import looks
from facemtl.studies.report.finding import finding, warning
from facemtl.words import plural

Results = Mapping[str, Any]
NO_STOP = "No task was stopped before the end, in any run."


def study_report(results: Results, gallery: Markup | None = None) -> Report:
    """Build the report of a study. Sections without numbers are omitted.

    Args:
        results: results from `facemtl.studies.results.gather`.
        gallery: faces from `draw_gallery`, which are images of the dataset.

    Example:

        report = study_report(json.loads(Path("results.json").read_text()))
        Path("report.html").write_text(report.html(), encoding="utf-8")
    """
    study, shown = (
        results["study"],
        looks(variant["name"] for variant in tables.variants(results)),
    )
    summary = tables.summary_table(results)
    measure, baselines = tables.main_measure(results), study["baselines"]
    first = differences.difference_table(results, measure, baselines[:1])
    return Report(
        study["title"],
        study["question"],
        finding(results),
        warning(study["seeds"]),
        [summary, sections.top_chart(results, shown)],
        [summary, *([first] if first else [])],
        {
            "How to read this": [how_to_read(results)],
            "How it was made": [environment(results)],
            "Settings": [tables.settings_table(results)],
            "Differences": differences.differences(results),
            "By group": sections.group_charts(results, shown),
            "Errors by landmark": tables.landmark_tables(results),
            "Errors by face": [sections.curve_charts(results, shown)],
            "Errors by class": [
                tables.part_table(results, "by", split, "mean_error_box")
                for split in SPLITS
            ],
            "Error against cost": [sections.cost_charts(results, shown)],
            "Confusions": sections.confusions(results),
            "Cross-stitch units": [sharing.alpha_charts(results)],
            "Weight regularization": [sharing.weight_charts(results)],
            "Conflict between tasks": [tables.conflict_table(results)],
            "When tasks were stopped": [tables.stop_table(results) or NO_STOP],
            "All measures": [tables.measure_table(results, x) for x in SPLITS],
            "Faces": [gallery],
        },
    )


def how_to_read(results: Results | None, score: str = "") -> Markup:
    """Explain the numbers of a study or search in plain words.

    Args:
        results: results of a study, or None.
        score: the score that a search minimized.
    """
    every = tables.variants(results) if results else []
    tested = any("test" in variant["scores"] for variant in every)
    measures = results["measures"] if results else {}
    # The interocular distance is explained beside NME-box.
    own = [m for m in measures if repeats_box(m) and INTEROCULAR not in m]
    return fill(
        "reading.html",
        results=results,
        tested=tested,
        score=score,
        normalized=", ".join(title_of(measure) for measure in own),
    )


def environment(results: Results) -> dict[str, str]:
    """Return command, data, machine and versions, without local folders."""
    at, seeds = results["circumstances"], results["study"]["seeds"]
    count, common = len(tables.variants(results)), results["common"]
    rows = {
        "Command": results.get("command", ""),
        "Data": PureWindowsPath(at["source"]).name,
        "Runs": f"{count} {plural(count, 'variant')} × {seeds} "
        f"{plural(seeds, 'seed')}",
        "Settings of all": ", ".join(tables.in_words(common)) or "defaults",
        "Machine": at["machine"],
        "Versions": ", ".join(f"{k} {v}" for k, v in at["versions"].items()),
    }
    return {what: text for what, text in rows.items() if text}
