"""Charts of what the streams of a variant share."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from facemtl.studies.report.style import COLORS, legend, legend_height
from facemtl.studies.report.svg import draw

OWN, OTHER = COLORS[0], COLORS[1]
DASHED = (0, (4, 1.5))
PLACE = "stitch_"  # a unit's name without it is where it stands
# A layer's columns in a history: the end of the name, and what is drawn.
PANELS = (
    ("distance ‖θ¹ − θ²‖", ("distance",)),
    ("norms ‖θ¹‖ solid, ‖θ²‖ dashed", ("norm1", "norm2")),
    ("slope a of aθ¹ + b", ("map_a",)),
    ("shift b of aθ¹ + b", ("map_b",)),
)

Alpha = Mapping[str, Sequence[Sequence[Sequence[float]]]]
History = Mapping[str, Sequence[float]]


def alpha_chart(alpha: Alpha, title: str) -> str:
    """The learned α of each unit over its channels, sorted.

    Args:
        alpha: {unit: T x T x channels}.
        title: what the chart shows, for who cannot see it.

    Returns:
        The SVG; empty where there are no units.
    """
    if not alpha:
        return ""
    units = {unit: np.asarray(matrix) for unit, matrix in alpha.items()}

    def paint(figure: Any) -> None:
        heads = [unit.removeprefix(PLACE) for unit in units]
        flat = _panels(figure, heads, "channels, sorted, %", sharey=True)
        handles: dict[str, Any] = {}
        for axes, matrix in zip(flat, units.values(), strict=True):
            handles |= _paint_unit(axes, matrix)
        for axes in flat[::2]:
            axes.set_ylabel("α")
        legend(figure, handles)

    below = legend_height(["own, αᵢᵢ", "other, αᵢⱼ"] * 2)
    return draw(title, 150 * -(-len(units) // 2) + 20 + below, paint)


def alpha_history_chart(history: History, title: str) -> str:
    """The mean α of each unit over the epochs.

    Args:
        history: {column: values an epoch} of a variant.
        title: as of `alpha_chart`.

    Returns:
        The SVG; empty where no unit was recorded.
    """
    units = _with_end(history, "own")
    if not units:
        return ""

    def paint(figure: Any) -> None:
        heads = ["own stream, αᵢᵢ", "other streams, αᵢⱼ"]
        flat = _panels(figure, heads, "epoch", sharey=True)
        handles = {}
        for unit, color in zip(units, _by_depth(len(units)), strict=True):
            for axes, part in zip(flat, ("own", "other"), strict=True):
                values = history.get(f"{unit}_{part}", ())
                handle = _over_epochs(axes, values, color)
            handles[unit.removeprefix(PLACE)] = handle
        flat[0].set_ylabel("mean α")
        legend(figure, handles)

    return draw(title, 170 + legend_height(units), paint)


def regularization_chart(history: History, title: str) -> str:
    """Distance, norms and linear map of each regularized layer.

    Args:
        history, title: as of `alpha_history_chart`.

    Returns:
        The SVG; empty where no layer was regularized.
    """
    layers = _with_end(history, "distance")
    if not layers:
        return ""

    def paint(figure: Any) -> None:
        flat = _panels(figure, [head for head, _ in PANELS], "epoch")
        handles = {}
        for layer, color in zip(layers, _by_depth(len(layers)), strict=True):
            for axes, (_, parts) in zip(flat, PANELS, strict=True):
                for part, dash in zip(parts, ("-", DASHED), strict=False):
                    values = history.get(f"{layer}_{part}", ())
                    handle = _over_epochs(axes, values, color, dash)
                if part == parts[0]:
                    handles[layer] = handle
        for axes in flat[:2]:
            axes.set_ylim(bottom=0)
        legend(figure, handles)

    return draw(title, 320 + legend_height(layers), paint)


def _panels(
    figure: Any, heads: Sequence[str], unit: str, sharey: bool = False
) -> list[Any]:
    """Panels in two columns, each with its head; the unit stands below."""
    rows = -(-len(heads) // 2)
    grid = figure.subplots(
        rows, min(2, len(heads)), sharex=True, sharey=sharey, squeeze=False
    ).ravel()
    for i, (axes, head) in enumerate(zip(grid, heads, strict=False)):
        axes.set_title(head)
        lowest = i + 2 >= len(heads)
        axes.tick_params(labelbottom=lowest)
        axes.set_xlabel(unit if lowest else "")
    for axes in grid[len(heads) :]:
        axes.axis("off")
    return list(grid[: len(heads)])


def _paint_unit(axes: Any, matrix: np.ndarray) -> dict[str, Any]:
    """(T, T, C) sorted over C, with the means; the handles of a legend."""
    streams, _, channels = matrix.shape
    shares = (np.arange(channels) + 0.5) / channels * 100
    handles: dict[str, Any] = {}
    for i, j in np.ndindex(streams, streams):
        (line,) = axes.plot(
            shares if channels > 1 else [0, 100],
            np.sort(matrix[i, j]) if channels > 1 else [matrix[i, j, 0]] * 2,
            color=OWN if i == j else OTHER,
            linestyle=DASHED if streams == 2 and i == 1 else "-",
            linewidth=1.3 if streams == 2 else 0.7,
        )
        handles[_entry(i, j, streams)] = line
    own = np.eye(streams, dtype=bool)
    means = matrix[own].mean(), matrix[~own].mean()
    for mean, color in zip(means, (OWN, OTHER), strict=True):
        axes.axhline(mean, color=color, linewidth=0.8, linestyle=":")
    text = f"mean own {means[0]:.2f}, other {means[1]:.2f}".replace("-", "−")
    axes.set_title(text, loc="right", fontsize=8, fontweight="normal")
    axes.set_xlim(0, 100)
    order = sorted(handles, key=lambda name: (name.startswith("other"), name))
    return {name: handles[name] for name in order}


def _entry(i: int, j: int, streams: int) -> str:
    """The name of α's entry; beyond two streams, of all of its kind."""
    kind = "own" if i == j else "other"
    if streams > 2:
        return f"{kind}, {'αᵢᵢ' if i == j else 'αᵢⱼ'}"
    return f"{kind}, α{'₁₂'[i]}{'₁₂'[j]}"


def _over_epochs(
    axes: Any, values: Sequence[float], color: Any, dash: Any = "-"
) -> Any:
    from matplotlib.ticker import MaxNLocator

    epochs = range(1, len(values) + 1)
    # A single epoch is a point, not a line.
    marker = "o" if len(values) == 1 else ""
    (line,) = axes.plot(
        epochs, values, color=color, linestyle=dash, marker=marker, lw=1.3
    )
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    return line


def _with_end(history: History, end: str) -> list[str]:
    """The layers or units that have a column with this end."""
    return [
        column.removesuffix(f"_{end}")
        for column, values in history.items()
        if column.endswith(f"_{end}") and values
    ]


def _by_depth(n: int) -> list[Any]:
    """Colors in an order that shows: from deep blue to green."""
    from matplotlib import colormaps

    return [colormaps["viridis"](0.78 * i / max(n - 1, 1)) for i in range(n)]
