"""Differences to baselines with their intervals, as forest plots."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from facemtl.studies.report.charts import Axis, Variants
from facemtl.studies.report.style import legend, name_rows, row_height, short
from facemtl.studies.report.svg import draw

# A verdict's color, marker and what fills it.
VERDICTS = {
    "better": ("#0072b2", "o", "#0072b2"),
    "worse": ("#d55e00", "s", "#d55e00"),
    "no difference shown": ("#666666", "D", "white"),
    "one seed: no claim": ("#666666", "o", "white"),
}


def difference_chart(
    variants: Variants,
    split: str,
    axis: Axis,
    baselines: Sequence[str],
    title: str,
) -> str:
    """Each variant minus each baseline, with its interval: a forest plot.

    Args:
        variants, split, axis, title: as of `cost_chart`.
        baselines: the names of what they are compared with.

    Returns:
        The SVG; empty where nothing is compared.
    """
    panels: dict[str, dict[str, Mapping[str, Any]]] = {}
    for baseline in baselines:
        for variant in variants:
            parts = variant["against"].get(baseline, {}).get(split, {})
            if axis.key in parts:
                panel = panels.setdefault(baseline, {})
                panel[variant["name"]] = parts[axis.key]
    if not panels:
        return ""
    names = [name for panel in panels.values() for name in panel]
    step = row_height(names, 14)
    sizes = [len(panel) * step for panel in panels.values()]
    height = sum(sizes) + 44 * len(sizes) + 45
    paint = _paint_panels(panels, sizes, axis.title)
    return draw(title, height, paint)


def _paint_panels(
    panels: Mapping[str, Mapping[str, Any]], sizes: list[float], unit: str
) -> Callable[[Any], None]:
    def paint(figure: Any) -> None:
        column = figure.subplots(
            len(panels), 1, sharex=True, squeeze=False, height_ratios=sizes
        )[:, 0]
        handles: dict[str, Any] = {}
        for axes, (baseline, panel) in zip(column, panels.items(), strict=True):
            axes.set_title(f"compared with {short(baseline, 40)}")
            axes.axvline(0, color="#222222", linewidth=1)
            axes.grid(axis="y", visible=False)
            axes.tick_params(axis="x", labelbottom=True)
            for i, part in enumerate(panel.values()):
                handles |= _paint_difference(axes, i, part)
            name_rows(axes, list(panel))
            axes.set_ylim(len(panel) - 0.4, -0.6)
        column[-1].set_xlabel(f"difference: {unit}")
        known = {word: handles[word] for word in VERDICTS if word in handles}
        legend(figure, known)

    return paint


def _paint_difference(
    axes: Any, at: int, part: Mapping[str, Any]
) -> dict[str, Any]:
    color, marker, fill = VERDICTS[part["verdict"]]
    if part["low"] is not None:
        axes.plot([part["low"], part["high"]], [at, at], color=color, lw=1.4)
    (handle,) = axes.plot(
        part["difference"],
        at,
        marker,
        color=color,
        markerfacecolor=fill,
        markersize=5,
    )
    axes.annotate(
        f"{part['difference']:+.2f}".replace("-", "−"),
        (1, at),
        xycoords=axes.get_yaxis_transform(),
        xytext=(34, 0),
        textcoords="offset points",
        ha="right",
        va="center_baseline",
        fontsize=8,
        color=color,
    )
    return {part["verdict"]: handle}
