"""A card's section on how far points move where a face is shown otherwise."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from facemtl.markdown import table

FILE = Path(__file__).parents[1] / "benchmarks/peers/stability.json"
MIRROR = "mirror image"


def stable_points(result: Mapping[str, Any]) -> str:
    """The section's text; empty for a file that was not measured.

    Args:
        result: the content of a preset's JSON.
    """
    found = json.loads(FILE.read_text("utf-8"))
    name = result["preset"]
    if found["bytes"].get(name) != result["bytes"]:  # another training's file
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
        "How far the points move in the photo where the box is moved or "
        "resized a little, and where the photo is compressed or mirrored: "
        "percent of the box, median / 95th percentile, on "
        f"{found['faces']:,} test faces (AFLW), whose boxes are {middle} "
        f"pixels wide (the middle 90 %: {low} to {high}). Two passes are those "
        f"of `Predictor`. Made by `{found['command']}`."
    )


def _cell(moves: Mapping[str, float]) -> str:
    return f"{moves['median']:.2f} / {moves['percentile_95']:.2f}"
