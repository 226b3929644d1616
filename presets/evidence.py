"""The README's tables of what holds networks back, out of committed numbers."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

from facemtl.markdown import mean_std, table

HERE = Path(__file__).parent
CEILING = HERE / "ceiling.json"
LIVE_UNITS = HERE / "live_units.json"
# The error that stands for a split: percent of the box, of the eyes' distance.
ERRORS = {"validation": "mean_error_box", "test": "mean_error_interocular"}
HEADS = [f"{x}: {y}" for x in ERRORS for y in ("error", "gender", "smile")]


def ceiling_table() -> str:
    """`base` by its training faces, then the mean answers of many networks."""
    found = json.loads(CEILING.read_text("utf-8"))
    rows = [
        [f"`base`, {own['share']:.0%} of the training faces", *_known(own)]
        for own in found["shares"]
    ]
    for own in found["ensembles"]:
        n, last = own["networks"], own["last"]
        name = f"{n} networks, the last `{last}`" if n > 1 else f"`{last}`"
        rows.append([name, *_known({split: [own[split]] for split in ERRORS})])
    return table(["network", *HEADS], rows)


def live_units_table() -> str:
    """A row a network, over its seeds."""
    runs = json.loads(LIVE_UNITS.read_text("utf-8"))["runs"]
    of_network: dict[str, list[Any]] = {}
    for run in runs:
        of_network.setdefault(run["network"], []).append(run)
    rows = [
        [
            name,
            str(own[0]["units"]),
            f"{mean(run['live'] for run in own):.0f}",
            f"{mean(run['directions'] for run in own):.0f}",
            *_known({x: [run[x] for run in own] for x in ERRORS}),
        ]
        for name, own in of_network.items()
    ]
    return table(["network", "units", "live", "directions", *HEADS], rows)


def _known(seeds: Mapping[str, Sequence[Any]]) -> list[str]:
    """Errors, and how many genders and smiles are right, over the seeds."""
    cells = []
    for split, key in ERRORS.items():
        cells.append(_over(seeds[split], "landmarks", key, digits=2))
        for task in ("gender", "smile"):
            path = ("attributes", task, "accuracy")
            cells.append(_over(seeds[split], *path, digits=1))
    return cells


def _over(seeds: Iterable[Any], *path: str, digits: int) -> str:
    values = []
    for scores in seeds:
        for key in path:
            scores = scores[key]
        values.append(scores)
    return mean_std(values, digits)
