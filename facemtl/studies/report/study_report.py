"""The report of a study: what is in it, where there are numbers for it."""

from collections.abc import Mapping
from pathlib import PureWindowsPath
from typing import Any

from markupsafe import Markup

from facemtl.studies.report.document import SPLITS, Report, fill, sections
from facemtl.studies.report.drawing import looks
from facemtl.studies.report.finding import finding, warning
from facemtl.studies.report.sections import (
    confusions,
    cost_charts,
    curve_charts,
    differences,
    group_charts,
    landmark_tables,
    top_chart,
)
from facemtl.studies.report.sharing import alpha_charts, weight_charts
from facemtl.studies.report.tables import (
    difference_table,
    in_words,
    main_measures,
    measure_table,
    part_table,
    settings_table,
    stop_table,
    summary_table,
    variants,
)
from facemtl.words import plural

Results = Mapping[str, Any]
NO_STOP = "No task was stopped before the end, in any run."


def study_report(results: Results, gallery: Markup | None = None) -> Report:
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
    first = difference_table(results, measure, study["baselines"][:1])
    classes = [part_table(results, "by", x, "mean_error_box") for x in SPLITS]
    measures = [measure_table(results, split) for split in SPLITS]
    return Report(
        study["title"],
        study["question"],
        finding(results),
        warning(study["seeds"]),
        [summary, top_chart(results, measure, shown)],
        [summary, *([first] if first else [])],
        sections(
            (
                ("How to read this", "reading", [how_to_read(results)]),
                ("How it was made", "making", [environment(results)]),
                ("Settings", "settings", [settings_table(results)]),
                ("Differences", "differences", differences(results)),
                ("From group to group", "groups", group_charts(results, shown)),
                ("Errors by landmark", "landmarks", landmark_tables(results)),
                ("Errors by face", "curves", [curve_charts(results, shown)]),
                ("Errors by kind of face", "classes", classes),
                (
                    *("Error against cost", "cost"),
                    [cost_charts(results, measure, shown)],
                ),
                ("Confusions", "confusion", confusions(results)),
                (
                    *("What streams take of each other", "alpha"),
                    [alpha_charts(results)],
                ),
                ("How alike streams are", "weights", [weight_charts(results)]),
                (
                    *("When tasks were stopped", "stops"),
                    [stop_table(results) or NO_STOP],
                ),
                ("All measures", "measures", measures),
                ("Faces", "faces", [gallery]),
            )
        ),
    )


def how_to_read(results: Results | None, score: str = "") -> Markup:
    """In plain words, what the numbers of a study or search mean.

    Args:
        results: of a study; None where there is none.
        score: what a search minimized.
    """
    tested = results and any("test" in v["scores"] for v in variants(results))
    return fill("reading.html", results=results, tested=tested, score=score)


def environment(results: Results) -> dict[str, str]:
    """Command, data, machine and versions; no folder of the machine."""
    at, study = results["circumstances"], results["study"]
    count, seeds = len(variants(results)), study["seeds"]
    rows = {
        "Command": results.get("command", ""),
        "Data": PureWindowsPath(at["source"]).name,
        "Runs": f"{count} {plural(count, 'variant')} × {seeds} "
        f"{plural(seeds, 'seed')}",
        "Settings of all": ", ".join(in_words(results["common"])) or "defaults",
        "Machine": at["machine"],
        "Versions": ", ".join(f"{k} {v}" for k, v in at["versions"].items()),
    }
    return {what: text for what, text in rows.items() if text}
