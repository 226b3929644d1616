"""The section of a card on the stability of points."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from facemtl.markdown import table

FILE = Path(__file__).parents[1] / "benchmarks/peers/stability.json"
MIRROR = "mirror image"


def stable_points(result: Mapping[str, Any]) -> str:
    """Return the text of the section; empty if the file was not measured.

    Args:
        result: content of a preset's JSON.
    """
    found = json.loads(FILE.read_text("utf-8"))
    name = result["preset"]
    if (
        found["bytes"].get(name) != result["bytes"]
    ):  # a file of another training
        return ""
    columns = {
        **found["predictors"][name],
        "O-Net": found["predictors"]["O-Net"]["one pass"],
    }
    rows = [
        [change, *(_cell(column[change]) for column in columns.values())]
        for change in columns["O-Net"]
    ]
    near = [f"{column[MIRROR]['near']:.1f}" for column in columns.values()]
    rows.append([f"{MIRROR}: points within 1 %, %", *near])
    return f"{_words(found)}\n\n" + table(["", *columns], rows)


def _words(found: Mapping[str, Any]) -> str:
    low, middle, high = found["widths"]
    return (
        "Distance that the points move in the photo when the box is slightly "
        "moved or resized, or the photo is compressed or mirrored: median / "
        f"95th percentile in percent of the box, on {found['faces']:,} test "
        f"faces (AFLW). The median width of the boxes is {middle} pixels "
        f"(90 % of them: {low} to {high}). Two passes are those of "
        f"`Predictor`. Measured by `{found['command']}`."
    )


def _cell(moves: Mapping[str, float]) -> str:
    return f"{moves['median']:.2f} / {moves['percentile_95']:.2f}"
