"""Scores against what a network costs, and the front of the best."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from facemtl.studies.report.style import legend, legend_height
from facemtl.studies.report.svg import draw
from facemtl.tuning.report.points import BEST, paint_points, score_label
from facemtl.tuning.report.trials import (
    Search,
    Trial,
    full,
    pareto_front,
    shown,
)


@dataclass(frozen=True)
class Cost:
    """What a network costs: a measure, its name, and the chart's unit."""

    key: str
    title: str
    unit: float
    axis: str


COSTS = (
    Cost("multiply_adds", "multiply-adds", 1e6, "multiply-adds, millions"),
    Cost("parameters", "parameters", 1e3, "parameters, thousands"),
)


def front(search: Search, cost: Cost) -> list[Trial]:
    """The trials of the most epochs that no other of them beats in both.

    Args:
        search: the content of `search.json`.
        cost: one of `COSTS`.

    Returns:
        Trials from the cheapest to the dearest.
    """
    trials = full(_known(search, cost))
    points = [(t["measures"][cost.key], t["score"]) for t in trials]
    return [trials[i] for i in pareto_front(points)]


def cost_chart(search: Search, cost: Cost, title: str) -> str:
    """Each trial's score against its cost, with the front as a line.

    Args:
        search: the content of `search.json`.
        cost: one of `COSTS`.
        title: what the chart shows, for who cannot see it.

    Returns:
        The SVG; empty where no trial's cost is known.
    """
    if not _known(search, cost):
        return ""
    names = ["no other is better in both", "limit", "best", "further up"]
    height = 250 + legend_height(names)
    return draw(title, height, _paint(search, cost))


def _paint(search: Search, cost: Cost) -> Callable[[Any], None]:
    trials = _known(search, cost)

    def paint(figure: Any) -> None:
        axes = figure.subplots()
        line = _paint_front(axes, front(search, cost), cost)
        places = [t["measures"][cost.key] / cost.unit for t in trials]
        handles = {"no other is better in both": line}
        handles |= paint_points(axes, places, trials, search)
        limit = search["limits"].get(cost.key)
        if limit:
            look = {"color": "#333333", "linestyle": (0, (4, 3))}
            handles["limit"] = axes.axvline(limit / cost.unit, lw=1, **look)
        axes.margins(0.07)
        axes.set_xlabel(cost.axis)
        axes.set_ylabel(score_label(search))
        legend(figure, handles)

    return paint


def _paint_front(axes: Any, trials: Sequence[Trial], cost: Cost) -> Any:
    (line,) = axes.step(
        [trial["measures"][cost.key] / cost.unit for trial in trials],
        [trial["score"] for trial in trials],
        where="post",
        color=BEST,
        linewidth=1.2,
        marker="o",
        markersize=9,
        markerfacecolor="none",
        markeredgewidth=1,
    )
    return line


def _known(search: Search, cost: Cost) -> list[Trial]:
    return [t for t in shown(search) if t["measures"].get(cost.key)]
