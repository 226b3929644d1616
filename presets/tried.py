"""The README's table of what was tried, out of the committed numbers."""

import json
from collections.abc import Mapping
from pathlib import Path
from statistics import mean
from typing import Any

from facemtl.markdown import table

HERE = Path(__file__).parent
MORE = HERE.parent / "results/presets"
TRIED = {
    "width 0.42: `tiny`": HERE / "tiny.json",
    "the same, mirrored": MORE / "tiny_mirrored/tiny.json",
    "width 1": MORE / "base_plain/base.json",
    "the same, mirrored: `base`": HERE / "base.json",
}
HEADS = ("parameters", "M mult.-adds", "epochs")
ERRORS = {
    "validation": ("validation", "mean_error_box"),
    "test": ("test", "mean_error_interocular"),
    "without shift": ("test", "mean_error_interocular_shift_free"),
}


def tried_table() -> str:
    """A row a network; errors are means over its seeds."""
    rows = [
        [name, *_cells(json.loads(file.read_text("utf-8")))]
        for name, file in TRIED.items()
    ]
    return table(["network", *HEADS, *ERRORS], rows)


def _cells(result: Mapping[str, Any]) -> list[str]:
    training = result["training"][result["seed"]]
    cost = training["multiply_adds"] * (2 if result["mirrored"] else 1) / 1e6
    errors = [
        mean(scores[split]["landmarks"][key] for scores in result["seeds"])
        for split, key in ERRORS.values()
    ]
    return [
        f"{training['parameters']:,}",
        f"{cost:.1f}",
        str(training["epochs"]),
        *(f"{error:.2f}" for error in errors),
    ]
