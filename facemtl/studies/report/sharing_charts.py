"""Charts of what the streams of a variant share."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from markupsafe import Markup

from facemtl.studies.report.drawing import COLORS, draw, legend, legend_height

DASHED = (0, (4, 1.5))
PLACE = "stitch_"  # a unit's name without it is where it stands
# A layer's columns in a history: the end of the name, and what is drawn.
LAYER = {
    "distance ‖θ¹ − θ²‖": ("distance",),
    "norms ‖θ¹‖ solid, ‖θ²‖ dashed": ("norm1", "norm2"),
    "slope a of aθ¹ + b": ("map_a",),
    "shift b of aθ¹ + b": ("map_b",),
}
UNIT = {"own stream, αᵢᵢ": ("own",), "other streams, αᵢⱼ": ("other",)}

History = Mapping[str, Sequence[float]]


def alpha_chart(
    label: str, alpha: Mapping[str, Sequence[Sequence[Sequence[float]]]]
) -> Markup:
    """The learned α of each unit over its channels, sorted.

    Args:
        label: as of `draw`.
        alpha: {unit: T x T x channels}.
    """
    if not alpha:
        return Markup()
    units = {unit: np.asarray(matrix) for unit, matrix in alpha.items()}

    def paint(figure: Any) -> None:
        panels = _panels(figure, list(units), "channels, sorted, %")
        handles: dict[str, Any] = {}
        for axes, (unit, matrix) in zip(panels, units.items(), strict=True):
            handles |= _paint_unit(axes, unit.removeprefix(PLACE), matrix)
            axes.set_ylabel("α")
        legend(figure, handles)

    return draw(label, 150 * -(-len(units) // 2) + 70, paint)


def _paint_unit(axes: Any, name: str, matrix: np.ndarray) -> dict[str, Any]:
    """(T, T, C) sorted over C; the handles of a legend."""
    streams, _, channels = matrix.shape
    own = np.eye(streams, dtype=bool)
    means = f"{matrix[own].mean():.2f}, {matrix[~own].mean():.2f}"
    axes.set_title(f"{name}, means {means}".replace("-", "−"), fontsize=8)
    shares = (np.arange(channels) + 0.5) / channels * 100
    handles: dict[str, Any] = {}
    for i, j in np.ndindex(streams, streams):
        (line,) = axes.plot(
            shares if channels > 1 else [0, 100],
            np.sort(matrix[i, j]) if channels > 1 else [matrix[i, j, 0]] * 2,
            color=COLORS[0] if i == j else COLORS[1],
            linestyle=DASHED if streams == 2 and i == 1 else "-",
            linewidth=1.3 if streams == 2 else 0.7,
        )
        handles[_entry(i, j, streams)] = line
    return handles


def _entry(i: int, j: int, streams: int) -> str:
    """How a legend calls α_ij."""
    kind = "own" if i == j else "other"
    if streams == 2:
        return f"{kind}, α{'₁₂'[i]}{'₁₂'[j]}"
    return f"{kind}, {'αᵢᵢ' if i == j else 'αᵢⱼ'}"


def alpha_history_chart(label: str, history: History) -> Markup:
    """The mean α of each unit over the epochs.

    Args:
        label: as of `draw`.
        history: {column: values an epoch} of a variant.
    """
    return _history_chart(label, history, UNIT)


def regularization_chart(label: str, history: History) -> Markup:
    """Distance, norms and linear map of each regularized layer."""
    return _history_chart(label, history, LAYER)


def _history_chart(
    label: str, history: History, panels: Mapping[str, tuple[str, ...]]
) -> Markup:
    """A panel a kind of column, a color a unit or layer."""
    first = next(iter(panels.values()))[0]
    names = [
        column.removesuffix(f"_{first}")
        for column, values in history.items()
        if column.endswith(f"_{first}") and values
    ]
    if not names:
        return Markup()

    def paint(figure: Any) -> None:
        handles = {}
        grid = _panels(figure, list(panels), "epoch")
        for axes, (head, parts) in zip(grid, panels.items(), strict=True):
            axes.set_title(head, fontsize=8)
            for i, name in enumerate(names):
                for part, dash in zip(parts, ("-", DASHED), strict=False):
                    values = history.get(f"{name}_{part}", ())
                    line = _over_epochs(
                        axes, values, COLORS[i % len(COLORS)], dash
                    )
                    handles.setdefault(name.removeprefix(PLACE), line)
        legend(figure, handles)

    height = 150 * -(-len(panels) // 2) + 20 + legend_height(names)
    return draw(label, height, paint)


def _panels(figure: Any, heads: Sequence[str], unit: str) -> list[Any]:
    """Panels in two columns; the unit stands below the lowest."""
    rows = -(-len(heads) // 2)
    grid = figure.subplots(rows, min(2, len(heads)), squeeze=False).ravel()
    for i, axes in enumerate(grid):
        if i + 2 >= len(heads):
            axes.set_xlabel(unit)
        if i >= len(heads):
            axes.axis("off")
    return list(grid[: len(heads)])


def _over_epochs(
    axes: Any, values: Sequence[float], color: str, dash: Any
) -> Any:
    from matplotlib.ticker import MaxNLocator

    # A single epoch is a point, not a line.
    marker = "o" if len(values) == 1 else ""
    (line,) = axes.plot(
        *(range(1, len(values) + 1), values),
        **{"color": color, "linestyle": dash, "marker": marker},
    )
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    return line
