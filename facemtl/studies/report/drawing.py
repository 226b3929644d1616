"""How charts look, and how they become part of a page."""

import io
import re
import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from markupsafe import Markup

WIDTH = 380  # units of every chart
SETTINGS = {
    "svg.fonttype": "none",
    "text.parse_math": False,  # a "$" in a name is a dollar
    # Wider than what browsers draw with, so that nothing overlaps there.
    "font.family": ["DejaVu Sans"],
    "font.size": 10,
    "axes.titlesize": 10,
    "axes.facecolor": "none",
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#777777",
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.7,
    "xtick.bottom": False,  # there is a grid
    "ytick.left": False,
    "lines.linewidth": 1.3,
    "legend.frameon": False,
}
# Okabe and Ito's palette without its yellow, which white paper swallows.
COLORS = (
    *("#0072b2", "#d55e00", "#009e73", "#cc79a7"),
    *("#333333", "#e69f00", "#56b4e9", "#8c6d31"),
)
DASHES = ("-", (0, (5, 2)), (0, (1.2, 1.6)), (0, (6, 2, 1.2, 2)))
MARKERS = "osD^vPX"
LETTERS = 24  # of a name in a chart

Look = Mapping[str, Any]  # matplotlib's color, linestyle and marker


def looks(names: Iterable[str]) -> dict[str, Look]:
    """A look of its own for each of up to 32 names, in every chart alike.

    Example:

    >>> looks(["single", "split"])["split"]["color"]
    '#d55e00'
    """
    return {
        name: {
            "color": COLORS[i % len(COLORS)],
            "linestyle": DASHES[i // len(COLORS) % len(DASHES)],
            "marker": MARKERS[i % len(MARKERS)],
        }
        for i, name in enumerate(dict.fromkeys(names))
    }


def draw(label: str, height: float, paint: Callable[[Any], None]) -> Markup:
    """A chart as an `<svg>` element.

    Args:
        label: what it shows. The ids of its shapes are made of it: two charts
            of a page have two labels.
        height: in units; the width is `WIDTH`.
        paint: draws into the matplotlib figure that it is given.
    """
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    file = io.StringIO()
    settings = SETTINGS | {"svg.hashsalt": label}
    with matplotlib.rc_context(settings), warnings.catch_warnings():
        # The browser has the letters that matplotlib's font lacks.
        warnings.filterwarnings("ignore", "Glyph")
        size = (WIDTH / 72, height / 72)
        figure = Figure(figsize=size, layout="constrained", facecolor="none")
        paint(figure)
        # savefig would draw everything twice.
        FigureCanvasSVG(figure).print_svg(
            file, metadata=dict.fromkeys(("Creator", "Date", "Format", "Type"))
        )
    svg = file.getvalue().replace("\n", " ")
    # All charts of a page have the same ids of groups, which nothing uses.
    return Markup(re.sub(r'<g id="[^"]*"', "<g", svg[svg.index("<svg") :]))


def legend(figure: Any, handles: Mapping[str, Any]) -> None:
    """A legend in two columns below everything else."""
    names = [short(name) for name in handles]
    figure.legend(
        *(list(handles.values()), names), loc="outside lower left", ncols=2
    )


def legend_height(names: Iterable[str]) -> float:
    """How high the legend of some names is, in units."""
    return 14 + 14 * -(-len(list(names)) // 2)


def short(name: str, letters: int = LETTERS) -> str:
    """A name in one line, without its middle where it is too long.

    Example:

    >>> short("split, landmarks + task 1", 15)
    'split, … task 1'
    """
    if len(name) <= letters:
        return name
    end = (letters - 1) // 2
    return f"{name[: letters - 1 - end]}…{name[-end:]}"
