"""Boxes, arrows and figures in the style of the reports' charts."""

from collections.abc import Callable
from typing import Any

from facemtl.studies.report.drawing import draw

BLUE, ORANGE, GREEN = "#0072b2", "#d55e00", "#009e73"
Place = tuple[float, float]


def figure_of(
    label: str, width: float, height: float, paint: Callable[[Any], None]
) -> str:
    """An HTML figure.

    Args:
        label: what the figure shows, for people who do not see it.
        width, height: in units of the axes that `paint` draws into.
        paint: draws into axes of matplotlib from (0, 0) at the top left, with
            equal units.
    """

    def on_axes(figure: Any) -> None:
        axes = figure.add_subplot()
        axes.set(xlim=(0, width), ylim=(height, 0), aspect="equal")
        axes.axis("off")
        paint(axes)

    svg = draw(label, 72 * height, on_axes, 72 * width)
    return (
        f'<div class="chart wide" role="img" aria-label="{label}">{svg}</div>'
    )


def box(
    axes: Any,
    place: Place,
    text: str,
    color: str = "#333333",
    size: Place = (0.78, 0.5),
) -> None:
    """A rounded box with a text, centred at `place`."""
    from matplotlib.patches import FancyBboxPatch

    corner = (place[0] - size[0] / 2, place[1] - size[1] / 2)
    style = "round,pad=0,rounding_size=0.06"
    axes.add_patch(
        FancyBboxPatch(
            corner,
            *size,
            boxstyle=style,
            facecolor="white",
            edgecolor=color,
            lw=1.4,
            zorder=2,
        )
    )
    words(axes, place, text)


def words(axes: Any, place: Place, text: str, **more: Any) -> None:
    """A text, centred at `place`."""
    center = {"ha": "center", "va": "center", "fontsize": 8}
    axes.text(*place, text, **center | more)


def arrow(
    axes: Any,
    start: Place,
    end: Place,
    color: str = "#777777",
    style: str = "-|>",
    **more: Any,
) -> None:
    """An arrow from `start` to `end`."""
    looks = {"arrowstyle": style, "color": color, "shrinkA": 0, "shrinkB": 0}
    axes.annotate(
        "", end, start, arrowprops={**looks, "lw": 1.1, **more}, zorder=1
    )
