"""A study's results as Markdown tables."""

from collections.abc import Iterable, Mapping
from typing import Any

from facemtl.markdown import table
from facemtl.words import plural

# The measures of the tables, where a study has them.
MEASURES = (
    "mean_error_box",
    "failure_rate_box_5",
    "mean_error_interocular",
    "failure_rate_interocular_10",
    "attributes",
)
RARE = " balanced_accuracy"  # of attributes with rare classes
VALUE = " absolute_error"


def markdown(results: Mapping[str, Any]) -> str:
    """All tables of a study: cost and scores, then the differences.

    Args:
        results: as `facemtl.studies.results.gather` gives them.
    """
    study = results["study"]
    parts = [f"# {study['title']}", study["question"], _how(results)]
    for group in results["groups"]:
        splits = dict.fromkeys(
            s for v in group["variants"] for s in v["scores"]
        )
        parts += [f"## {group['name']}"] if group["name"] else []
        parts.append(summary_table(group))
        parts += [score_table(group, split) for split in splits]
        parts += [
            f"Compared with **{baseline}**, validation | test: difference and "
            f"its 95 % interval.\n\n{difference_table(group, baseline)}"
            for baseline in study["baselines"]
            if any(baseline in v["against"] for v in group["variants"])
        ]
    return "\n\n".join(parts) + "\n"


def _how(results: Mapping[str, Any]) -> str:
    at, study = results["circumstances"], results["study"]
    versions = ", ".join(f"{k} {v}" for k, v in at["versions"].items())
    settings = ", ".join(f"{k} = {v}" for k, v in results["common"].items())
    return (
        f"`{results['command']}`: {study['seeds']} "
        f"{plural(study['seeds'], 'seed')}, mean ± standard "
        f"deviation; {at['machine']}; {versions}. Settings of all variants "
        f"beside the defaults: {settings or 'none'}."
    )


def summary_table(group: Mapping[str, Any]) -> str:
    """Cost and the main scores of a group, for a README.

    Args:
        group: one of `results["groups"]`.
    """
    variants = group["variants"]
    splits = dict.fromkeys(split for v in variants for split in v["scores"])
    known = dict.fromkeys(
        m for v in variants for part in v["scores"].values() for m in part
    )
    main = ("mean_error_box", "failure_rate_box_5", "attributes")
    shown = [
        (measure, split)
        for measure in (*main, *(m for m in known if m.endswith(VALUE)))
        for split in splits
        if any(measure in v["scores"][split] for v in variants)
    ]
    titles = [f"{_title(measure)}, {split}" for measure, split in shown]
    rows = [
        [
            variant["name"],
            f"{variant['parameters']:,}",
            f"{variant['multiply_adds'] / 1e6:.1f}",
            *(_score(variant["scores"][s].get(m)) for m, s in shown),
        ]
        for variant in variants
    ]
    return table(["variant", "parameters", "M mult.-adds", *titles], rows)


def score_table(group: Mapping[str, Any], split: str) -> str:
    """All scores of a group's variants on one split, and training time.

    Args:
        group: one of `results["groups"]`.
        split: `"validation"` or `"test"`.
    """
    variants = [v for v in group["variants"] if split in v["scores"]]
    measures = _chosen(variants, split)
    titles = [split, "minutes"]
    rows = [
        [
            variant["name"],
            f"{_median(variant['training_seconds']) / 60:.1f}",
            *(_score(variant["scores"][split].get(m)) for m in measures),
        ]
        for variant in variants
    ]
    return table([*titles, *map(_title, measures)], rows)


def difference_table(group: Mapping[str, Any], baseline: str) -> str:
    """Each variant against one baseline, on validation and test.

    Without the inter-ocular errors, which rise and fall with those by box.
    """
    variants = [v for v in group["variants"] if baseline in v["against"]]
    measures = [
        measure
        for measure in _chosen(variants, "validation")
        if "interocular" not in measure
    ]
    rows = []
    for variant in variants:
        splits = variant["against"][baseline]
        cells = [
            " \\| ".join(
                _difference(part[measure])
                for part in splits.values()
                if measure in part
            )
            for measure in measures
        ]
        rows.append([variant["name"], *(cell or "–" for cell in cells)])
    return table([f"− {baseline}", *map(_title, measures)], rows)


def _chosen(variants: Iterable[Mapping[str, Any]], split: str) -> list[str]:
    """The measures of a table, in order, that some variant has."""
    known = list(dict.fromkeys(m for v in variants for m in v["scores"][split]))
    first = [measure for measure in MEASURES if measure in known]
    return first + [m for m in known if m.endswith((RARE, VALUE))]


def _title(measure: str) -> str:
    short = {
        "mean_error_box": "error, % box",
        "failure_rate_box_5": "points > 5 %",
        "mean_error_interocular": "error, % eyes",
        "failure_rate_interocular_10": "faces > 10 %",
        "attributes": "attributes, %",
    }
    measure = measure.replace(VALUE, ", absolute error")
    return short.get(measure, measure.replace(RARE, ", balanced %"))


def _score(score: Mapping[str, Any] | None) -> str:
    if score is None:
        return "–"
    if score["std"] is None:
        return f"{score['mean']:.2f}"
    return f"{score['mean']:.2f} ± {score['std']:.2f}"


def _difference(part: Mapping[str, Any]) -> str:
    """Such as `−0.08 (−0.11 … −0.05) **better**`."""
    text = f"{part['difference']:+.2f}"
    if part["low"] is not None:
        text += f" ({part['low']:+.2f} … {part['high']:+.2f})"
    if part["verdict"] in ("better", "worse"):
        text += f" **{part['verdict']}**"
    return text.replace("-", "−")


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]
