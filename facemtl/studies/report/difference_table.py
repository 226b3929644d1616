"""Differences to baselines as tables, and how many there are."""

from collections.abc import Mapping
from typing import Any

from facemtl.studies.report.html_tables import NONE, variants
from facemtl.studies.report.markup import SPLITS, Cell, table
from facemtl.words import plural

Results = Mapping[str, Any]


def difference_table(results: Results, split: str, measure: str) -> str:
    """Each variant minus each baseline; empty where nothing is compared."""
    baselines = [
        name
        for name in results["study"]["baselines"]
        if any(_part(v, name, split, measure) for v in variants(results))
    ]
    body = []
    for group in results["groups"]:
        rows = [
            [v["name"], *(_difference(v, b, split, measure) for b in baselines)]
            for v in group["variants"]
            if any(_part(v, b, split, measure) for b in baselines)
        ]
        body += [(group["name"], rows)] if rows else []
    if not body:
        return ""
    title = results["measures"][measure]["title"]
    several = results["study"]["seeds"] > 1
    silent = "no word: no difference shown" if several else "one seed: no claim"
    heads = [
        [("", 1), ("difference to", len(baselines))],
        [("variant", 1), *((name, 1) for name in baselines)],
    ]
    return table(f"{SPLITS[split]}: {title} ({silent})", heads, body)


def counted(results: Results, split: str, measure: str) -> str:
    """How many pairs of variants differ; empty where none can be told."""
    verdicts: dict[tuple[str, ...], str] = {}
    for group in results["groups"]:
        for variant in group["variants"]:
            for baseline in variant["against"]:
                part = _part(variant, baseline, split, measure)
                # Two baselines are compared both ways.
                pair = (group["name"], *sorted((variant["name"], baseline)))
                verdicts |= {pair: part["verdict"]} if part else {}
    n = len(verdicts)
    if not n or results["study"]["seeds"] == 1:
        return ""
    differ = sum(word in ("better", "worse") for word in verdicts.values())
    verb = "differs" if differ == 1 else "differ"
    return (
        f"<p>Of these {n} {plural(n, 'pair')}, {differ} {verb} on {split} "
        f"faces. Without any effect at all, about {0.05 * n:.1f} would still "
        "seem to.</p>"
    )


def signed(value: float) -> str:
    """With a sign, as long as a plus.

    Example:

    >>> signed(-0.081)
    '−0.08'
    """
    return f"{value:+.2f}".replace("-", "−")


def _part(variant: Results, baseline: str, split: str, measure: str) -> Any:
    return variant["against"].get(baseline, {}).get(split, {}).get(measure)


def _difference(
    variant: Results, baseline: str, split: str, measure: str
) -> Cell:
    """Such as `−0.08 better` over `(−0.11 … −0.05)`."""
    part = _part(variant, baseline, split, measure)
    if part is None:
        return NONE
    claim = part["verdict"] if part["verdict"] in ("better", "worse") else ""
    text = f"{signed(part['difference'])} {claim}".strip()
    if part["low"] is not None:
        text += f"\n({signed(part['low'])} … {signed(part['high'])})"
    return text, claim
