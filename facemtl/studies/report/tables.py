"""The tables of a study."""

import json
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Any

from facemtl.studies.measures import describe
from facemtl.studies.report.document import SPLITS
from facemtl.studies.report.table import NONE, Cell, Row, Table

# The measures of the summary, where a study has them.
MAIN = ("mean_error_box", "failure_rate_box_5", "attributes")
VALUE = " absolute_error"
EACH = "variant"

Results = Mapping[str, Any]


def summary_table(results: Results) -> Table:
    """What each variant costs and how good it is."""
    shown = [
        (measure, split)
        for measure in main_measures(results)
        for split in splits(results)
        if any(measure in v["scores"].get(split, {}) for v in variants(results))
    ]
    heads = [f"{describe(measure).title}\n{split}" for measure, split in shown]
    seeds = results["study"]["seeds"]
    spread = f"mean ± standard deviation over {seeds} seeds"
    return Table(
        [EACH, "parameters", "multiply-adds\nmillions", *heads],
        _grouped(
            results,
            lambda v: [
                v["name"],
                f"{v['parameters']:,}",
                f"{v['multiply_adds'] / 1e6:.1f}",
                *(_score(v, split, measure) for measure, split in shown),
            ],
        ),
        f"Cost and scores: {spread if seeds > 1 else 'one seed'}",
    )


def measure_table(results: Results, split: str) -> Table | None:
    """All measures of all variants on one split, and the time of training."""
    known = dict.fromkeys(
        m for v in variants(results) for m in v["scores"].get(split, ())
    )
    if not known:
        return None
    heads = [EACH, "training\nminutes", *(describe(m).title for m in known)]
    rows = _grouped(
        results,
        lambda v: [
            v["name"],
            f"{median(v['training_seconds']) / 60:.1f}",
            *(_score(v, split, measure) for measure in known),
        ],
    )
    return Table(heads, rows, SPLITS[split])


def difference_table(
    results: Results, measure: str, baselines: Sequence[str]
) -> Table | None:
    """Each variant minus each baseline; None where nothing is compared."""
    columns = [
        (baseline, split)
        for baseline in baselines
        for split in SPLITS
        if any(part_of(v, baseline, split, measure) for v in variants(results))
    ]
    rows = _grouped(
        results,
        lambda v: [v["name"], *(_difference(v, *x, measure) for x in columns)],
        lambda v: any(part_of(v, *x, measure) for x in columns),
    )
    if not rows:
        return None
    several = results["study"]["seeds"] > 1
    silent = "no word: no difference shown" if several else "one seed: no claim"
    return Table(
        [EACH, *(f"− {baseline}\n{split}" for baseline, split in columns)],
        rows,
        f"Difference in {describe(measure).title} and its 95 % interval "
        f"({silent})",
    )


def settings_table(results: Results) -> Table:
    """In which settings each variant differs from the defaults."""
    rows = _grouped(
        results,
        lambda v: [v["name"], "\n".join(in_words(v["settings"])) or "defaults"],
    )
    heads = [EACH, "settings of its own"]
    return Table(heads, rows, "Settings beside those of all variants", "words")


def stop_table(results: Results) -> Table | None:
    """The epoch at which each task was stopped; None where none was."""
    tasks = dict.fromkeys(
        t for v in variants(results) for seed in v["stopped"] for t in seed
    )
    rows = _grouped(
        results,
        lambda v: [
            v["name"],
            *(
                ", ".join(str(seed.get(task, NONE)) for seed in v["stopped"])
                for task in tasks
            ),
        ],
        lambda v: any(v["stopped"]),
    )
    caption = "Epoch of the stop, seed by seed"
    return Table([EACH, *tasks], rows, caption) if rows else None


def confusion_table(
    counts: Mapping[str, Mapping[str, float]], caption: str
) -> Table:
    """Of each true class, how many percent were predicted as which class.

    Args:
        counts: faces of each true class by predicted class.
        caption: of the table.

    Example:

    >>> counts = {"yes": {"yes": 3, "no": 1}, "no": {}}
    >>> str(confusion_table(counts, "smile").rows[0][1])
    '75 %\\n3'
    """
    names = list(next(iter(counts.values())))
    rows = []
    for true, row in counts.items():
        total = sum(row.values())
        shares = [row.get(name, 0) / total if total else None for name in names]
        cells = [
            NONE
            if x is None
            else Cell(f"{100 * x:.0f} %\n{x * total:.0f}", "", x)
            for x in shares
        ]
        rows.append([true, *cells])
    return Table(["true \\ predicted", *names], rows, caption, "matrix")


def main_measures(results: Results) -> list[str]:
    """What the summary shows: landmarks, attributes and values."""
    known = results["measures"]
    values = [m for m in known if m.endswith(VALUE)]
    return [m for m in MAIN if m in known] + values or list(known)[:3]


def variants(results: Results) -> list[Results]:
    """The variants of all groups."""
    return [v for group in results["groups"] for v in group["variants"]]


def splits(results: Results) -> list[str]:
    """The splits that some variant has scores of."""
    return [
        x for x in SPLITS if any(v["scores"].get(x) for v in variants(results))
    ]


def part_of(variant: Results, baseline: str, split: str, measure: str) -> Any:
    """A variant's difference to a baseline; None where there is none."""
    return variant["against"].get(baseline, {}).get(split, {}).get(measure)


def signed(value: float) -> str:
    """With a sign, as long as a plus.

    Example:

    >>> signed(-0.081)
    '−0.08'
    """
    return f"{value:+.2f}".replace("-", "−")


def in_words(settings: Mapping[str, Any]) -> list[str]:
    """Each setting as `key = value`.

    Example:

    >>> in_words({"data.tasks": "tasks.toml", "model.width": 1.42})
    ['data.tasks = "tasks.toml"', 'model.width = 1.42']
    """
    return [
        f"{key} = {json.dumps(value, ensure_ascii=False)}"
        for key, value in settings.items()
    ]


def _grouped(
    results: Results,
    row: Callable[[Results], Row],
    is_shown: Callable[[Results], bool] = lambda variant: True,
) -> Sequence[Row]:
    """A row a variant, each group's below its name."""
    rows: list[Row] = []
    for group in results["groups"]:
        found = [row(v) for v in group["variants"] if is_shown(v)]
        rows += [[group["name"]]] if found and group["name"] else []
        rows += found
    return rows


def _score(variant: Results, split: str, measure: str) -> str:
    score = variant["scores"].get(split, {}).get(measure)
    if score is None:
        return NONE
    spread = "" if score["std"] is None else f" ± {score['std']:.2f}"
    return f"{score['mean']:.2f}{spread}"


def _difference(
    variant: Results, baseline: str, split: str, measure: str
) -> str | Cell:
    """Such as `−0.08 better` over `(−0.11 … −0.05)`."""
    part = part_of(variant, baseline, split, measure)
    if part is None:
        return NONE
    claim = part["verdict"] if part["verdict"] in ("better", "worse") else ""
    text = f"{signed(part['difference'])} {claim}".strip()
    if part["low"] is not None:
        text += f"\n({signed(part['low'])} … {signed(part['high'])})"
    return Cell(text, claim)
