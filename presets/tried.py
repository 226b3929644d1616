"""The README's tables of what was tried, out of the committed numbers."""

import json
from collections.abc import Mapping
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from facemtl.markdown import table

HERE = Path(__file__).parent
MORE = HERE.parent / "results/presets"
TRIED = (
    ("`tiny`", HERE / "tiny.json"),
    ("mirrored", MORE / "tiny_mirrored/tiny.json"),
    ("`base`", HERE / "base.json"),
    ("mirrored", MORE / "base_mirrored/base.json"),
    ("`large`: mirrored", HERE / "large.json"),
    ("not mirrored", MORE / "large_plain/large.json"),
    ("dense, width 0.42", MORE / "dense/tiny.json"),
    ("dense, width 1", MORE / "dense/base_plain.json"),
    ("mirrored", MORE / "dense/base.json"),
)
HEADS = ("parameters", "M mult.-adds", "epochs", "seeds")
ERRORS = {
    "validation": ("validation", "mean_error_box"),
    "test": ("test", "mean_error_interocular"),
    "without shift": ("test", "mean_error_interocular_shift_free"),
}
HELD_OUT = HERE / "held_out.json"
ATTRIBUTES = ("smile", "gender", "glasses", "pose")


def tried_table() -> str:
    """A row a network; errors over its seeds."""
    rows = [
        [name, *_cells(json.loads(file.read_text("utf-8")))]
        for name, file in TRIED
    ]
    return table(["network", *HEADS, *ERRORS, "attributes"], rows)


def _cells(result: Mapping[str, Any]) -> list[str]:
    training = result["training"][result["seed"]]
    cost = training["multiply_adds"] * (2 if result["mirrored"] else 1) / 1e6
    seeds = result["seeds"]
    errors = [
        _spread([scores[split]["landmarks"][key] for scores in seeds], 2)
        for split, key in ERRORS.values()
    ]
    return [
        f"{training['parameters']:,}",
        f"{cost:.1f}",
        str(training["epochs"]),
        str(len(seeds)),
        *errors,
        _spread([_attributes(scores["test"]) for scores in seeds], 1),
    ]


def held_out_table() -> str:
    """A row a network and variant; a column a kind of photo held out."""
    runs = json.loads(HELD_OUT.read_text("utf-8"))["runs"]
    kinds = list(dict.fromkeys(run["held_out"] for run in runs))
    rows: dict[tuple[str, str], list[str]] = {}
    for run in runs:
        row = rows.setdefault((run["network"], run["variant"]), [])
        row += [
            f"{run['other']['landmarks']['mean_error_box']:.2f}",
            f"{_attributes(run['other']):.1f}",
            f"{_attributes(run['other'], 'balanced_accuracy'):.1f}",
        ]
    heads = [f"{kind}: error" for kind in kinds]
    columns = [x for head in heads for x in (head, "accuracy", "balanced")]
    return table(
        ["network", "variant", *columns],
        [[*names, *row] for names, row in rows.items()],
    )


def _attributes(scores: Mapping[str, Any], key: str = "accuracy") -> float:
    return mean(scores["attributes"][task][key] for task in ATTRIBUTES)


def _spread(values: list[float], digits: int) -> str:
    spread = f" ± {stdev(values):.{digits}f}" if len(values) > 1 else ""
    return f"{mean(values):.{digits}f}{spread}"
