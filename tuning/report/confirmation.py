"""The best beside the default, trained again: the study of a search."""

from collections.abc import Mapping
from typing import Any

from facemtl.studies.report.charts import Axis
from facemtl.studies.report.difference_chart import difference_chart
from facemtl.studies.report.difference_table import signed
from facemtl.studies.report.html_tables import (
    NONE,
    main_measures,
    measure_table,
    score_table,
    variants,
)
from facemtl.studies.report.markup import (
    SPLITS,
    Cell,
    by_group,
    capital,
    details,
    pair,
    table,
)
from facemtl.tuning.report.trials import Search

Results = Mapping[str, Any]  # of a study


def confirmation_section(search: Search) -> str:
    """Scores, and their differences with intervals; empty if not confirmed."""
    results = search["confirmation"]
    if not results:
        return ""
    # Failures tell what the error tells.
    drawn = (x for x in main_measures(results) if x != "failure_rate_box_5")
    measures = "".join(measure_table(results, split) for split in SPLITS)
    return (
        score_table(results)
        + _difference_table(results)
        + "".join(_charts(results, measure) for measure in drawn)
        + details("All measures", measures)
    )


def _difference_table(results: Results) -> str:
    """Every measure's difference on validation and test, a row each."""
    several = results["study"]["seeds"] > 1
    silent = "no word: no difference shown" if several else "one seed: no claim"
    return "".join(
        table(
            f"{variant['name']} minus {baseline} ({silent})",
            [[("measure", 1), *((split, 1) for split in splits)]],
            [("", _difference_rows(results, splits))],
        )
        for variant in variants(results)
        for baseline, splits in variant["against"].items()
    )


def _difference_rows(results: Results, splits: Results) -> list[list[Cell]]:
    return [
        [about["title"], *(_cell(part.get(key)) for part in splits.values())]
        for key, about in results["measures"].items()
        if any(key in part for part in splits.values())
    ]


def _cell(part: Mapping[str, Any] | None) -> Cell:
    """Such as `−0.08 better` over `(−0.11 … −0.05)`."""
    if part is None:
        return NONE
    claim = part["verdict"] if part["verdict"] in ("better", "worse") else ""
    words = f"{signed(part['difference'])} {claim}".strip()
    if part["low"] is not None:
        words += f"\n({signed(part['low'])} … {signed(part['high'])})"
    return words, claim


def _charts(results: Results, measure: str) -> str:
    """A measure's differences on validation and test, as forest plots."""
    about = results["measures"][measure]
    better = "less" if about["less_is_better"] else "more"
    axis = Axis(measure, f"{about['title']} ({better} is better)")
    baselines = results["study"]["baselines"]

    def build(group: Results, where: str) -> str:
        return pair(
            lambda split, title: difference_chart(
                group["variants"], split, axis, baselines, title
            ),
            f"Differences, {axis.title}{where}",
        )

    content = by_group(results, build, level=4)
    return f"<h3>{capital(about['title'])}</h3>{content}" if content else ""
