"""Bars of all variants: by landmark, by pose and by other classes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from facemtl.studies.report.style import (
    Look,
    legend,
    legend_height,
    name_rows,
    row_height,
)
from facemtl.studies.report.svg import draw

COLUMNS = 2
MOST_PANELS = 12  # more points or classes than that become lines


@dataclass(frozen=True)
class Bar:
    """A value, and its standard deviation over the seeds if it is known."""

    value: float
    std: float | None = None


Panels = dict[str, dict[str, Bar]]  # {title: {variant: bar}}


def landmark_bars(
    variants: Sequence[Mapping[str, Any]],
    split: str,
    measure: str,
    shown: Mapping[str, Look],
    title: str,
) -> str:
    """A measure of each landmark and of all of them, variants side by side.

    Args:
        variants: of one group of `results.py`.
        split: `"validation"` or `"test"`.
        measure: `"mean_error_box"` or `"failure_rate_box_5"`.
        shown: the look of each variant.
        title: what the chart shows, for who cannot see it.

    Returns:
        The SVG; empty where no variant has landmarks.
    """
    known = [v for v in variants if v["landmarks"].get(split)]
    panels: Panels = {"all points": {}}
    for variant in known:
        score = variant["scores"][split].get(measure)
        if score:
            bar = Bar(score["mean"], score["std"])
            panels["all points"][variant["name"]] = bar
        for point, part in variant["landmarks"][split].items():
            bar = Bar(part[measure])
            panels.setdefault(point, {})[variant["name"]] = bar
    return _draw(panels, UNITS[measure], shown, title) if known else ""


def class_bars(
    variants: Sequence[Mapping[str, Any]],
    split: str,
    tasks: Sequence[str],
    shown: Mapping[str, Look],
    title: str,
) -> str:
    """The mean error of faces of each class of some tasks.

    Args:
        variants, split, shown, title: as of `landmark_bars`.
        tasks: such as `["pose"]`.

    Returns:
        The SVG; empty where no variant has such errors.
    """
    panels: Panels = {}
    for variant in variants:
        for task in tasks:
            classes = variant["by"].get(split, {}).get(task, {})
            for name, part in classes.items():
                head = name if len(tasks) == 1 else f"{task}: {name}"
                bars = panels.setdefault(f"{head} ({part['n']:.0f})", {})
                bars[variant["name"]] = Bar(part["mean_error_box"])
    if not panels:
        return ""
    return _draw(panels, UNITS["mean_error_box"], shown, title)


UNITS = {
    "mean_error_box": "mean error, % of the box",
    "failure_rate_box_5": "share of points, %",
}


def _draw(
    panels: Panels, unit: str, shown: Mapping[str, Look], title: str
) -> str:
    names = list(dict.fromkeys(n for bars in panels.values() for n in bars))
    if len(panels) > MOST_PANELS:
        paint = _paint_lines(panels, names, unit, shown)
        return draw(title, 260 + legend_height(names), paint)
    rows = -(-len(panels) // COLUMNS)
    height = rows * (len(names) * row_height(names, 13) + 25) + 35
    return draw(title, height, _paint_bars(panels, names, unit, shown))


def _paint_bars(
    panels: Panels, names: Sequence[str], unit: str, shown: Mapping[str, Look]
) -> Callable[[Any], None]:
    """One panel a point or class; the names stand at the left only."""
    rows = -(-len(panels) // COLUMNS)
    highest = max(
        bar.value for bars in panels.values() for bar in bars.values()
    )

    def paint(figure: Any) -> None:
        grid = figure.subplots(rows, COLUMNS, sharey=True, squeeze=False)
        flat = grid.ravel()
        for i, (axes, (head, bars)) in enumerate(
            zip(flat, panels.items(), strict=False)
        ):
            _paint_panel(axes, bars, names, shown)
            axes.set_title(head)
            axes.set_xlim(0, 1.28 * highest or 1)
            if i + COLUMNS >= len(panels):
                axes.set_xlabel(unit)
            else:
                axes.tick_params(labelbottom=False)
        for axes in flat[len(panels) :]:
            axes.axis("off")
        # Shared by all panels, which hang the other way round.
        flat[0].set_ylim(len(names) - 0.4, -0.6)
        for axes in flat[: len(panels) : COLUMNS]:
            name_rows(axes, names)

    return paint


def _paint_panel(
    axes: Any,
    bars: Mapping[str, Bar],
    names: Sequence[str],
    shown: Mapping[str, Look],
) -> None:
    axes.grid(axis="y", visible=False)
    axes.locator_params(axis="x", nbins=4)
    for name, bar in bars.items():
        at, look = names.index(name), shown[name]
        axes.barh(
            at,
            bar.value,
            height=0.72,
            color=look.color,
            hatch=look.hatch,
            edgecolor="white",
            linewidth=0,
            xerr=bar.std,
            error_kw={"lw": 1, "ecolor": "#222222"},
        )
        end = bar.value + (bar.std or 0)
        axes.annotate(
            f"{bar.value:.2f}" if bar.value < 10 else f"{bar.value:.1f}",
            (end, at),
            xytext=(3, 0),
            textcoords="offset points",
            va="center_baseline",
            fontsize=8,
        )


def _paint_lines(
    panels: Panels, names: Sequence[str], unit: str, shown: Mapping[str, Look]
) -> Callable[[Any], None]:
    """Many points or classes: one beside the other, a line a variant."""
    heads = list(panels)

    def paint(figure: Any) -> None:
        axes = figure.subplots()
        handles = {}
        for name in names:
            known = [i for i, head in enumerate(heads) if name in panels[head]]
            (handles[name],) = axes.plot(
                known,
                [panels[heads[i]][name].value for i in known],
                color=shown[name].color,
                linestyle=shown[name].dash,
            )
        step = -(-len(heads) // 25)
        axes.set_xticks(range(0, len(heads), step), heads[::step], rotation=90)
        axes.set_ylim(bottom=0)
        axes.set_ylabel(unit)
        legend(figure, handles)

    return paint
