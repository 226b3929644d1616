"""Charts of the sharing between the streams of a variant."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from facemtl.studies.report.charts import Line, line_chart
from facemtl.studies.report.document import Chart
from facemtl.studies.report.drawing import COLORS

DASHED = (0, (4, 1.5))
PLACE = "stitch_"  # prefix of a unit's name; the rest is its stage
# Charts of a unit or layer: suffixes of its columns in a history.
UNIT = {"own stream, αᵢᵢ": ("own",), "other streams, αᵢⱼ": ("other",)}
LAYER = {
    "distance ‖θ¹ − θ²‖": ("distance",),
    "‖θ¹‖ solid, ‖θ²‖ dashed": ("norm1", "norm2"),
    "slope a of aθ¹ + b": ("map_a",),
    "shift b of aθ¹ + b": ("map_b",),
}

Results = Mapping[str, Any]


def alpha_charts(results: Results) -> list[Chart]:
    """Draw α by channel, and its means over the epochs."""
    charts = []
    for name, variant in _named(results):
        matrices = {k: np.asarray(x) for k, x in variant["alpha"].items()}
        panels = {_heading(k, x): _sorted(x) for k, x in matrices.items()}
        label = f"{name}: α by channel"
        svg = line_chart(label, panels, ("channels, sorted, %", "α"))
        charts += [Chart(label, label, svg)] if svg else []
        charts += _history(f"{name}: α by epoch", variant["history"], UNIT)
    return charts


def weight_charts(results: Results) -> list[Chart]:
    """Draw distances, norms and linear maps of regularized layers."""
    return [
        chart
        for name, variant in _named(results)
        for chart in _history(f"Weights of {name}", variant["history"], LAYER)
    ]


def _named(results: Results) -> list[tuple[str, Results]]:
    """Return all variants, with their groups in their names."""
    return [
        (", ".join(filter(None, (v["name"], group["name"]))), v)
        for group in results["groups"]
        for v in group["variants"]
    ]


def _heading(unit: str, matrix: np.ndarray) -> str:
    own = np.eye(len(matrix), dtype=bool)
    means = f"{matrix[own].mean():.2f}, {matrix[~own].mean():.2f}"
    return f"{unit.removeprefix(PLACE)}, means {means}".replace("-", "−")


def _sorted(matrix: np.ndarray) -> list[Line]:
    """Return the lines of (T, T, C): each α, sorted over the channels."""
    streams, _, channels = matrix.shape
    shares = (np.arange(channels) + 0.5) / channels * 100
    lines = []
    for i, j in np.ndindex(streams, streams):
        is_own, is_second = i == j, streams == 2 and i == 1
        symbol = "αᵢᵢ" if is_own else "αᵢⱼ"
        if streams == 2:
            symbol = f"α{'₁₂'[i]}{'₁₂'[j]}"
        look = {
            "color": COLORS[0] if is_own else COLORS[1],
            "linestyle": DASHED if is_second else "-",
            "marker": "" if channels > 1 else "o",
        }
        name = f"{'own' if is_own else 'other'}, {symbol}"
        lines.append(Line(name, shares, np.sort(matrix[i, j]), look))
    return lines


def _history(
    label: str,
    history: Mapping[str, Sequence[float]],
    parts: Mapping[str, tuple[str, ...]],
) -> list[Chart]:
    """Draw a panel per part, a color per unit or layer; empty without data."""
    end = f"_{next(iter(parts.values()))[0]}"
    names = [x.removesuffix(end) for x in history if x.endswith(end)]
    panels: dict[str, list[Line]] = {head: [] for head in parts}
    for head, columns in parts.items():
        for i, name in enumerate(names):
            for column, dash in zip(columns, ("-", DASHED), strict=False):
                values = history.get(f"{name}_{column}", ())
                # A single epoch needs a marker.
                marker = "o" if len(values) == 1 else ""
                look: dict[str, Any] = {
                    "color": COLORS[i % len(COLORS)],
                    "marker": marker,
                }
                look["linestyle"] = dash
                x, short = range(1, len(values) + 1), name.removeprefix(PLACE)
                panels[head].append(Line(short, x, values, look))
    svg = line_chart(label, panels, ("epoch", ""))
    return [Chart(label, label, svg)] if svg else []
