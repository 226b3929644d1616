"""The two kinds of charts in a report: line charts and forest plots."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup

from facemtl.studies.report.drawing import draw, legend, legend_height, short

# Color, marker and fill of each verdict.
VERDICTS = {
    "better": ("#0072b2", "o", "#0072b2"),
    "worse": ("#d55e00", "s", "#d55e00"),
    "no difference shown": ("#666666", "D", "white"),
    "one seed: no claim": ("#666666", "o", "white"),
}


@dataclass(frozen=True)
class Line:
    """Points, connected by a line if the look has one.

    Args:
        name: name in the legend, which lists equal names once.
        x, y: coordinates of the points.
        look: color, linestyle, marker, … of matplotlib.
        error: half the length of the vertical error bars.
    """

    name: str
    x: Sequence[float] | np.ndarray
    y: Sequence[float] | np.ndarray
    look: Mapping[str, Any]
    error: Sequence[float | None] | None = None


Ticks = Sequence[tuple[float, str]]


def line_chart(
    label: str,
    panels: Mapping[str, Sequence[Line]],
    titles: tuple[str, str],
    ticks: Mapping[str, Ticks] | None = None,
    logs: Container[str] = (),
    height: float = 0,
    **settings: Any,
) -> Markup:
    """Draw lines or points, two panels per row.

    Args:
        label: as in `draw`.
        panels: {title of a panel: lines}.
        titles: titles of the x axis and the y axis.
        ticks: {title of a panel: positions on the x axis and their texts}.
        logs: titles of the panels with a logarithmic x axis.
        height: in units, without the legend; 0 for the default.
        settings: settings of matplotlib's axes, such as `xlim`.

    Returns:
        The SVG; empty if there are no lines.
    """
    names = dict.fromkeys(x.name for lines in panels.values() for x in lines)
    if not names:
        return Markup()
    rows, columns = -(-len(panels) // 2), min(2, len(panels))

    def paint(figure: Any) -> None:
        grid = figure.subplots(rows, columns, squeeze=False).ravel()
        handles: dict[str, Any] = {}
        for axes, (title, lines) in zip(grid, panels.items(), strict=False):
            axes.set_title(title, fontsize=9)
            handles = _paint_lines(axes, lines) | handles
            if title in logs:
                axes.set_xscale("log")
                axes.minorticks_off()
            places = (ticks or {}).get(title)
            if places:
                axes.set_xticks(*zip(*places, strict=True))
            axes.set(xlabel=titles[0], ylabel=titles[1], **settings)
        for axes in grid[len(panels) :]:
            axes.axis("off")
        legend(figure, handles)

    usual = (240 if len(panels) == 1 else 160) * rows
    return draw(label, (height or usual) + legend_height(names), paint)


def _paint_lines(axes: Any, lines: Sequence[Line]) -> dict[str, Any]:
    """Draw the lines; return {name: handle for a legend}."""
    axes.locator_params(nbins=5)
    handles = {}
    for line in lines:
        error = None if None in (line.error or [None]) else line.error
        handles[line.name] = axes.errorbar(line.x, line.y, error, **line.look)
    return handles


def difference_chart(
    label: str, panels: Mapping[str, Mapping[str, Mapping[str, Any]]], unit: str
) -> Markup:
    """Draw a forest plot: differences to baselines with their intervals.

    Args:
        label: as in `draw`.
        panels: {title: {variant: difference, low, high, verdict}}.
        unit: text below the chart.

    Returns:
        The SVG; empty if there are no differences.
    """
    sizes = [len(panel) for panel in panels.values()]
    if not sizes:
        return Markup()

    def paint(figure: Any) -> None:
        column = figure.subplots(
            len(panels), 1, sharex=True, squeeze=False, height_ratios=sizes
        )[:, 0]
        handles: dict[str, Any] = {}
        for axes, (title, panel) in zip(column, panels.items(), strict=True):
            axes.set_title(short(title, 50))
            axes.axvline(0, color="#444444", linewidth=1)
            for row, part in enumerate(panel.values()):
                handles[part["verdict"]] = _paint_difference(axes, row, part)
            axes.set_yticks(range(len(panel)), [short(name) for name in panel])
            axes.set_ylim(len(panel) - 0.4, -0.6)
            axes.grid(axis="y", visible=False)
        column[-1].set_xlabel(unit)
        known = {word: handles[word] for word in VERDICTS if word in handles}
        legend(figure, known)

    return draw(label, 15 * sum(sizes) + 32 * len(sizes) + 80, paint)


def _paint_difference(axes: Any, row: int, part: Mapping[str, Any]) -> Any:
    color, marker, fill = VERDICTS[part["verdict"]]
    if part["low"] is not None:
        axes.plot([part["low"], part["high"]], [row, row], color=color)
    axes.annotate(
        f"{part['difference']:+.2f}".replace("-", "−"),
        (1.01, row),
        xycoords=axes.get_yaxis_transform(),
        va="center_baseline",
        fontsize=9,
    )
    look = {"color": color, "markerfacecolor": fill, "markersize": 5}
    return axes.plot(part["difference"], row, marker, **look)[0]
