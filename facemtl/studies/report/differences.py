"""The differences of variants to baselines."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from markupsafe import Markup

from facemtl.studies.measures import describe, repeats_box
from facemtl.studies.report.charts import difference_chart
from facemtl.studies.report.document import SPLITS, Section, capital, pair
from facemtl.studies.report.table import NONE, Cell, Table
from facemtl.studies.report.tables import main_measures, variant_table
from facemtl.words import plural

Results = Mapping[str, Any]


def differences(results: Results) -> list[Section]:
    """Return forest plots, a table and a count of differences per measure."""
    baselines, parts = results["study"]["baselines"], []
    for measure in results["measures"]:

        def make(split: str, label: str, measure: str = measure) -> Markup:
            return baseline_chart(results, split, measure, baselines, label)

        title = describe(measure).title
        table = difference_table(results, measure, baselines)
        if table is None or repeats_box(measure):
            continue
        counts = [counted(results, split, measure) for split in SPLITS]
        below: list[Any] = [table, *filter(None, counts)]
        # Failure rates follow the errors.
        if measure in main_measures(results) and "failure" not in measure:
            below.insert(0, pair(make, f"Differences in {title}"))
        parts.append(Section(capital(title), below))
    return parts


def difference_table(
    results: Results, measure: str, baselines: Sequence[str]
) -> Table | None:
    """Return each variant minus each baseline; None without differences."""
    several = results["study"]["seeds"] > 1
    silent = "no word: no difference shown" if several else "one seed: no claim"
    return variant_table(
        results,
        {
            f"− {baseline}\n{split}": partial(
                difference_cell, baseline=baseline, split=split, measure=measure
            )
            for baseline in baselines
            for split in SPLITS
        },
        f"Difference in {describe(measure).title} and its 95 % interval "
        f"({silent})",
    )


def difference_cell(
    variant: Results, baseline: str, split: str, measure: str
) -> str | Cell:
    """Return e.g. `−0.08 better` above `(−0.11 … −0.05)`."""
    part = difference_to(variant, baseline, split, measure)
    if part is None:
        return NONE
    claim = part["verdict"] if part["verdict"] in ("better", "worse") else ""
    text = f"{signed(part['difference'])} {claim}".strip()
    if part["low"] is not None:
        text += f"\n({signed(part['low'])} … {signed(part['high'])})"
    return Cell(text, claim)


def difference_to(
    variant: Results, baseline: str, split: str, measure: str
) -> Any:
    """Return a variant's difference to a baseline, or None."""
    return variant["against"].get(baseline, {}).get(split, {}).get(measure)


def baseline_chart(
    results: Results,
    split: str,
    measure: str,
    baselines: list[str],
    label: str,
) -> Markup:
    panels: dict[str, dict[str, Any]] = {}
    for group in results["groups"]:
        for baseline in baselines:
            parts = {
                v["name"]: part
                for v in group["variants"]
                if (part := difference_to(v, baseline, split, measure))
            }
            head = f"{group['name']}, minus {baseline}".removeprefix(", ")
            panels |= {head: parts} if parts else {}
    return difference_chart(label, panels, axis_title(measure))


def counted(results: Results, split: str, measure: str) -> str:
    """Count the pairs of variants that differ; empty without intervals."""
    verdicts: dict[tuple[str, ...], str] = {}
    for group in results["groups"]:
        for variant in group["variants"]:
            for baseline in variant["against"]:
                part = difference_to(variant, baseline, split, measure)
                # Two baselines are compared in both directions.
                both = (group["name"], *sorted((variant["name"], baseline)))
                verdicts |= {both: part["verdict"]} if part else {}
    n = len(verdicts)
    if not n or results["study"]["seeds"] == 1:
        return ""
    differ = sum(word in ("better", "worse") for word in verdicts.values())
    verb = "differs" if differ == 1 else "differ"
    return (
        f"{differ} of these {n} {plural(n, 'pair')} {verb} on {split} faces. "
        f"Without any effect, about {0.05 * n:.1f} would still seem to."
    )


def axis_title(measure: str) -> str:
    better = "less" if describe(measure).less_is_better else "more"
    return f"{describe(measure).title} ({better} is better)"


def signed(value: float) -> str:
    """Format a number with its sign; the minus is as wide as a plus.

    Example:

    >>> signed(-0.081)
    '−0.08'
    """
    return f"{value:+.2f}".replace("-", "−")
