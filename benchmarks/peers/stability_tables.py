"""The tables of `stability.md`, out of what `stability.json` holds."""

from collections.abc import Mapping
from typing import Any

from facemtl.markdown import table

NEAR = 1.0  # percent of the box


def document(results: Mapping[str, Any]) -> str:
    """All of `stability.md`."""
    versions = ", ".join(f"{k} {v}" for k, v in results["versions"].items())
    rows = {
        name if len(part) == 1 else f"`{name}`, {passes}": of_change
        for name, part in results["predictors"].items()
        for passes, of_change in part.items()
    }
    return "\n\n".join(
        [
            "# How far predictions move where a face is shown otherwise",
            f"    {results['command']}",
            f"{results['machine']}. {versions}.",
            words(results),
            change_table(rows),
        ]
    )


def words(results: Mapping[str, Any]) -> str:
    """What is in the table."""
    low, middle, high = results["widths"]
    return (
        f"Of {results['faces']:,} test faces of MTFL (AFLW), whose boxes are "
        f"{middle} pixels wide (the middle 90 %: {low} to {high}): by how "
        "much of the box's width the five points move in the photo, median / "
        "95th percentile, and of the mirror image how many percent of the "
        f"points lie within {NEAR:g} %. Boxes are moved to four sides; 2.5 "
        "and 5 % are one and two pixels of a crop of 40 (`tiny`, `base`). A "
        "cell of the presets' heat maps is two such pixels wide: by two, the "
        "maps move as a whole, so that points move less than by one. `large` "
        "predicts the mean with its mirror image."
    )


def change_table(rows: Mapping[str, Mapping[str, Any]]) -> str:
    """A row a change, a column a predictor."""
    names = list(next(iter(rows.values())))
    cells = [[name, *(cell(x[name]) for x in rows.values())] for name in names]
    near = [f"{x['mirror image']['near']:.1f}" for x in rows.values()]
    last = [f"mirror image: points within {NEAR:g} %, %", *near]
    return table(["", *rows], [*cells, last])


def cell(moves: Mapping[str, float]) -> str:
    """Median / 95th percentile."""
    return f"{moves['median']:.2f} / {moves['percentile_95']:.2f}"
