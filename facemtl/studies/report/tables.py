"""The tables of a study: one row per variant, one function per column."""

import json
import math
from collections.abc import Callable, Mapping
from functools import partial
from statistics import mean, median
from typing import Any

from facemtl.evaluation.many_points import by_part
from facemtl.studies.measures import describe
from facemtl.studies.report.document import SPLITS
from facemtl.studies.report.table import NONE, Cell, Row, Table

STOPS = "Epoch after which a task is not trained, seed by seed; –: to the end"
# Measures in the summary, if a study has them.
MAIN = ("mean_error_box", "failure_rate_box_5", "attributes")

Results = Mapping[str, Any]
Columns = dict[str, Callable[[Results], str | Cell]]


def variant_table(
    results: Results, columns: Columns, caption: str, kind: str = ""
) -> Table | None:
    """Build a table with a row for each variant that has a value.

    Args:
        results: results from `facemtl.studies.results.gather`.
        columns: {head: cell of a variant}; columns without numbers are omitted.
        caption, kind: of the table, which is None without numbers.
    """
    cells = {
        head: [str(cell(v)) for v in variants(results)]
        for head, cell in columns.items()
    }
    known = {h: columns[h] for h, texts in cells.items() if {*texts} - {NONE}}
    rows: list[Row] = []
    for group in results["groups"]:
        found = [
            [v["name"], *(cell(v) for cell in known.values())]
            for v in group["variants"]
        ]
        found = [row for row in found if any(str(x) != NONE for x in row[1:])]
        rows += [[group["name"]]] if found and group["name"] else []
        rows += found
    return Table(["variant", *known], rows, caption, kind) if known else None


def summary_table(results: Results) -> Table:
    """Return cost and main scores of each variant."""
    columns: Columns = {
        "parameters": lambda v: f"{v['parameters']:,}",
        "multiply-adds\nmillions": lambda v: f"{v['multiply_adds'] / 1e6:.1f}",
    }
    for measure in main_measures(results):
        for split in SPLITS:
            head = f"{describe(measure).title}\n{split}"
            columns[head] = partial(_score, split=split, measure=measure)
    seeds = results["study"]["seeds"]
    spread = f"mean ± standard deviation over {seeds} seeds"
    caption = f"Cost and scores: {spread if seeds > 1 else 'one seed'}"
    table = variant_table(results, columns, caption)
    assert table is not None  # every variant has parameters
    return table


def measure_table(results: Results, split: str) -> Table | None:
    """Return all measures on one split, and the training time."""
    if not any(v["scores"].get(split) for v in variants(results)):
        return None
    columns: Columns = {
        "training\nminutes": lambda v: (
            f"{median(v['training_seconds']) / 60:.1f}"
        )
    }
    for measure in results["measures"]:
        score = partial(_score, split=split, measure=measure)
        columns[describe(measure).title] = score
    return variant_table(results, columns, SPLITS[split])


def part_table(
    results: Results, parts: str, split: str, measure: str
) -> Table | None:
    """Return a measure of each landmark, or of the faces of each class.

    Args:
        results, split, measure: source of the numbers.
        parts: `"landmarks"` or `"by"`, a key of a variant.
    """
    heads = dict.fromkeys(
        head for v in variants(results) for head in _parts(v, parts, split)
    )

    def cell(variant: Results, head: str) -> str:
        part = _parts(variant, parts, split).get(head)
        return f"{part[measure]:.2f}" if part else NONE

    columns: Columns = {head: partial(cell, head=head) for head in heads}
    title = f"{describe(measure).title}, {split} faces"
    return variant_table(results, columns, title)


def landmark_tables(results: Results) -> list[Table | None]:
    """Return tables of NME-box and failure rate per landmark."""
    return [
        part_table(results, "landmarks", split, measure)
        for measure in MAIN[:2]
        for split in SPLITS
    ]


def settings_table(results: Results) -> Table | None:
    """Return the non-default settings of each variant."""
    columns: Columns = {
        "settings of its own": lambda v: (
            "\n".join(in_words(v["settings"])) or "defaults"
        )
    }
    caption = "Settings in addition to those of all variants"
    return variant_table(results, columns, caption, "words")


def conflict_table(results: Results) -> Table | None:
    """Return the cosine of each pair of tasks, the mean over the layers."""
    pairs = dict.fromkeys(
        pair
        for variant in variants(results)
        for layer in variant.get("conflict", {}).values()
        for pair in layer
    )

    def cell(variant: Results, pair: str) -> str:
        layers = variant.get("conflict", {}).values()
        found = [layer[pair] for layer in layers if pair in layer]
        return f"{mean(found):+.2f}".replace("-", "−") if found else NONE

    columns: Columns = {
        pair.replace(", ", "\n"): partial(cell, pair=pair) for pair in pairs
    }
    caption = (
        "Cosine between the gradients of two tasks, mean over shared layers; "
        "below zero, they conflict"
    )
    return variant_table(results, columns, caption)


def stop_table(results: Results) -> Table | None:
    """Return the epoch at which each task stopped; None if none did."""

    def stops(variant: Results, task: str) -> str:
        seeds = variant["stopped"]
        if not any(seeds):
            return NONE
        return ", ".join(str(seed.get(task, NONE)) for seed in seeds)

    tasks = dict.fromkeys(
        t for v in variants(results) for seed in v["stopped"] for t in seed
    )
    columns: Columns = {task: partial(stops, task=task) for task in tasks}
    return variant_table(results, columns, STOPS)


def confusion_table(
    counts: Mapping[str, Mapping[str, float]], caption: str
) -> Table:
    """Return the share of each predicted class per true class, in percent.

    Args:
        counts: faces of each true class by predicted class.
        caption: title of the table.

    Example:

    >>> counts = {"yes": {"yes": 3, "no": 1}, "no": {}}
    >>> str(confusion_table(counts, "smile").rows[0][1])
    '75 %\\n3'
    """
    names = list(next(iter(counts.values())))
    rows: list[Row] = []
    for true, row in counts.items():
        total = math.fsum(row.values())  # the same in each Python
        cells = [
            Cell(f"{100 * n / total:.0f} %\n{n:.0f}", share=n / total)
            if total
            else NONE
            for n in (row.get(name, 0) for name in names)
        ]
        rows.append([true, *cells])
    return Table(["true \\ predicted", *names], rows, caption, "matrix")


def main_measures(results: Results) -> list[str]:
    """Return the summary measures: landmarks, attributes and values."""
    known = results["measures"]
    values = [m for m in known if m.endswith(" absolute_error")]
    return [m for m in MAIN if m in known] + values or list(known)[:3]


def main_measure(results: Results) -> str:
    """Return the measure of the finding: the first main measure."""
    return main_measures(results)[0]


def variants(results: Results) -> list[Results]:
    """Return the variants of all groups."""
    return [v for group in results["groups"] for v in group["variants"]]


def in_words(settings: Mapping[str, Any]) -> list[str]:
    """Format each setting as `key = value`.

    Example:

    >>> in_words({"data.tasks": "tasks.toml", "model.width": 1.42})
    ['data.tasks = "tasks.toml"', 'model.width = 1.42']
    """
    return [
        f"{key} = {json.dumps(value, ensure_ascii=False)}"
        for key, value in settings.items()
    ]


def _parts(variant: Results, parts: str, split: str) -> dict[str, Any]:
    """Return {landmark: scores}, or {"task: class\\nfaces": scores}."""
    found = variant[parts].get(split, {})
    if parts == "landmarks":
        return dict(by_part(found))
    return {
        f"{task}: {name}\n{part['n']:.0f} faces": part
        for task, classes in found.items()
        for name, part in classes.items()
    }


def _score(variant: Results, split: str, measure: str) -> str:
    score = variant["scores"].get(split, {}).get(measure)
    if score is None:
        return NONE
    spread = "" if score["std"] is None else f" ± {score['std']:.2f}"
    return f"{score['mean']:.2f}{spread}"
