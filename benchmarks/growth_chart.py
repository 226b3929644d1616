"""The chart of `growth.py`: time by size, and a roofline."""

from pathlib import Path
from typing import Any

import numpy as np

from facemtl.files.writing import whole_file

BATCH = 32
# Forward and backward: two gradients, of the inputs and of the weights.
PASSES = 3
LABELS = {"streams": "streams", "size": "pixels a side", "tasks": "tasks"}


def draw(result: dict[str, Any], file: Path) -> None:
    """Draw three lines of time, and a roofline of all networks."""
    import matplotlib as mpl
    import matplotlib.figure

    # The same file for the same numbers.
    mpl.rcParams["svg.hashsalt"] = "facemtl"
    figure = mpl.figure.Figure(figsize=(8, 6), layout="constrained")
    axes = figure.subplots(2, 2).ravel()
    for (axis, label), own in zip(LABELS.items(), axes, strict=False):
        rows = [row for row in result["rows"] if row["axis"] == axis]
        _growth(own, label, rows)
    _roofline(axes[3], result)
    with whole_file(file) as part:
        figure.savefig(part, format="svg", metadata={"Date": None})


def _growth(axes: Any, label: str, rows: list[dict[str, Any]]) -> None:
    """Draw the time of a step, and what its multiply-adds explain."""
    n = [row["n"] for row in rows]
    times = np.array([row["milliseconds"] for row in rows])
    work = np.array([row["multiply_adds"] for row in rows])
    axes.plot(n, times, "o-", label="measured")
    axes.plot(n, times[0] * work / work[0], "--", label="by multiply-adds")
    axes.set_xticks(n)
    axes.set_ylim(0)
    axes.set_xlabel(label)
    axes.set_ylabel("CPU ms a step")
    axes.grid(alpha=0.3)
    axes.legend(fontsize="small")


def _roofline(axes: Any, result: dict[str, Any]) -> None:
    """Draw the operations a second over the operations a byte."""
    roof = result["roof"]
    bytes_ = np.array([row["moved"] for row in result["rows"]])
    work = np.array([row["multiply_adds"] for row in result["rows"]])
    times = np.array([row["milliseconds"] for row in result["rows"]])
    operations = 2 * PASSES * BATCH * work
    x = np.geomspace(1, 1000, 100)
    limit = np.minimum(roof["gigaflops"], x * roof["gigabytes"])
    axes.plot(x, limit, "k-", label="one core")
    axes.plot(operations / bytes_, operations / times / 1e6, "o", label="steps")
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_ylim(10, 200)
    axes.set_xlabel("operations a byte")
    axes.set_ylabel("GFLOP/s")
    axes.grid(alpha=0.3)
    axes.legend(fontsize="small")
