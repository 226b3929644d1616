"""Tables of a study's report, as HTML."""

import json
from collections.abc import Mapping
from statistics import median
from typing import Any

from facemtl.studies.report.markup import SPLITS, Cell, table
from facemtl.words import plural

# The measures of the summary, where a study has them.
MAIN = ("mean_error_box", "failure_rate_box_5", "attributes")
NONE = "–"

Results = Mapping[str, Any]


def score_table(results: Results) -> str:
    """What each variant costs and how good it is."""
    measures = main_measures(results)
    splits = [s for s in SPLITS if _has_split(results, s)]
    cost = ["parameters", "multiply-adds, millions", "training, minutes"]
    title = results["measures"]
    heads = [
        [("", 1), ("cost", 3)]
        + [(title[m]["title"], len(splits)) for m in measures],
        [("variant", 1), *((text, 1) for text in cost)]
        + [(split, 1) for _ in measures for split in splits],
    ]
    body = [
        (
            group["name"],
            [
                [
                    *_cost(v),
                    *(_score(v, s, m) for m in measures for s in splits),
                ]
                for v in group["variants"]
            ],
        )
        for group in results["groups"]
    ]
    seeds = results["study"]["seeds"]
    spread = f"means ± standard deviations over {seeds} {plural(seeds, 'seed')}"
    return table(
        f"Cost and scores: {spread if seeds > 1 else 'one seed'}", heads, body
    )


def measure_table(results: Results, split: str) -> str:
    """All measures of all variants on one split."""
    known = {
        measure: part["title"]
        for measure, part in results["measures"].items()
        if any(_score(v, split, measure) != NONE for v in variants(results))
    }
    heads = [[("variant", 1), *((title, 1) for title in known.values())]]
    body = [
        (
            group["name"],
            [
                [v["name"], *(_score(v, split, m) for m in known)]
                for v in group["variants"]
            ],
        )
        for group in results["groups"]
    ]
    return table(SPLITS[split], heads, body) if known else ""


def settings_table(results: Results) -> str:
    """In which settings each variant differs from the defaults."""
    body = [
        (
            group["name"],
            [
                [v["name"], "\n".join(in_words(v["settings"])) or "defaults"]
                for v in group["variants"]
            ],
        )
        for group in results["groups"]
    ]
    heads = [[("variant", 1), ("settings of its own", 1)]]
    return table("Settings beside those of all variants", heads, body, "words")


def stop_table(results: Results) -> str:
    """The epoch at which each task was stopped; empty where none was."""
    tasks = list(
        dict.fromkeys(
            t for v in variants(results) for s in v["stopped"] for t in s
        )
    )
    body = [
        (
            group["name"],
            [
                [v["name"], *(_stops(v, task) for task in tasks)]
                for v in group["variants"]
                if any(v["stopped"])
            ],
        )
        for group in results["groups"]
    ]
    heads = [[("variant", 1), *((task, 1) for task in tasks)]]
    body = [part for part in body if part[1]]
    return table("Epoch of the stop, seed by seed", heads, body) if body else ""


def main_measures(results: Results) -> list[str]:
    """What the summary shows: error, failures, attributes, values."""
    known = results["measures"]
    values = [m for m in known if m.endswith(" absolute_error")]
    return [m for m in MAIN if m in known] + values or list(known)[:3]


def variants(results: Results) -> list[Results]:
    """The variants of all groups."""
    return [v for group in results["groups"] for v in group["variants"]]


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


def _has_split(results: Results, split: str) -> bool:
    return any(v["scores"].get(split) for v in variants(results))


def _cost(variant: Results) -> list[Cell]:
    return [
        variant["name"],
        f"{variant['parameters']:,}",
        f"{variant['multiply_adds'] / 1e6:.2f}",
        f"{median(variant['training_seconds']) / 60:.1f}",
    ]


def _score(variant: Results, split: str, measure: str) -> str:
    score = variant["scores"].get(split, {}).get(measure)
    if score is None:
        return NONE
    spread = "" if score["std"] is None else f" ± {score['std']:.2f}"
    return f"{score['mean']:.2f}{spread}"


def _stops(variant: Results, task: str) -> str:
    return ", ".join(str(seed.get(task, NONE)) for seed in variant["stopped"])
