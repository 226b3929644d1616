"""The importance of hyperparameters as bars, the most important first."""

from collections.abc import Mapping
from typing import Any

from facemtl.studies.report.style import name_rows, row_height
from facemtl.studies.report.svg import draw
from facemtl.tuning.report.importance import Importance
from facemtl.tuning.report.points import FULL
from facemtl.tuning.report.values import labels


def importance_chart(found: Mapping[str, Importance], title: str) -> str:
    """A bar a hyperparameter, with its spread over the forests.

    Args:
        found: as `importance` gives it.
        title: what the chart shows, for who cannot see it.

    Returns:
        The SVG; empty where nothing was found.
    """
    if not found:
        return ""
    short = labels(found)
    names = [short[name] for name in found]
    height = len(names) * row_height(names, 15) + 40
    ends = [one.mean + one.spread for one in found.values()]

    def paint(figure: Any) -> None:
        axes = figure.subplots()
        axes.grid(axis="y", visible=False)
        axes.axvline(0, color="#555555", linewidth=0.8)
        axes.barh(
            range(len(names)),
            [one.mean for one in found.values()],
            height=0.62,
            color=FULL,
            xerr=[one.spread for one in found.values()],
            error_kw={"lw": 1, "ecolor": "#222222"},
        )
        for i, (one, end) in enumerate(zip(found.values(), ends, strict=True)):
            axes.annotate(
                f"{round(one.mean, 2) + 0.0:.2f}".replace("-", "−"),
                (max(end, 0), i),
                xytext=(3, 0),
                textcoords="offset points",
                va="center_baseline",
                fontsize=8,
            )
        axes.set_xlim(right=1.18 * max(*ends, 0.01))
        axes.set_ylim(len(names) - 0.4, -0.6)
        axes.set_xlabel("importance")
        name_rows(axes, names)

    return draw(title, height, paint)
