"""The style of charts, and their conversion to SVG elements."""

import io
import re
import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from markupsafe import Markup

WIDTH = 380  # of the charts in reports, in units
SETTINGS = {
    "svg.fonttype": "none",
    "text.parse_math": False,  # a "$" in a name is a dollar sign
    # Wider than browsers' fonts, so that texts do not overlap.
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
    "xtick.bottom": False,  # the grid replaces it
    "ytick.left": False,
    "lines.linewidth": 1.3,
    "legend.frameon": False,
}
# Okabe and Ito's palette without yellow, which is invisible on white.
COLORS = (
    *("#0072b2", "#d55e00", "#009e73", "#cc79a7"),
    *("#333333", "#e69f00", "#56b4e9", "#8c6d31"),
)
DASHES = ("-", (0, (5, 2)), (0, (1.2, 1.6)), (0, (6, 2, 1.2, 2)))
MARKERS = "osD^vPX"
LETTERS = 24  # maximum length of a name in a chart

Look = Mapping[str, Any]  # matplotlib's color, linestyle and marker


def looks(names: Iterable[str]) -> dict[str, Look]:
    """Assign a distinct look to up to 32 names, the same in all charts.

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


def draw(
    label: str,
    height: float,
    paint: Callable[[Any], None],
    width: float = WIDTH,
) -> Markup:
    """Draw a chart as an `<svg>` element.

    Args:
        label: description of the chart. Element ids contain it, so that the
            labels on a page must differ.
        height: in units.
        paint: draws into a matplotlib figure.
        width: in units.
    """
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    file = io.StringIO()
    settings = SETTINGS | {"svg.hashsalt": label}
    with matplotlib.rc_context(settings), warnings.catch_warnings():
        # The browser has the glyphs that matplotlib's font lacks.
        warnings.filterwarnings("ignore", "Glyph")
        size = (width / 72, height / 72)
        figure = Figure(figsize=size, layout="constrained", facecolor="none")
        paint(figure)
        # savefig would draw everything twice.
        FigureCanvasSVG(figure).print_svg(
            file, metadata=dict.fromkeys(("Creator", "Date", "Format", "Type"))
        )
    svg = file.getvalue().replace("\n", " ")
    # matplotlib repeats these ids in all charts, and nothing uses them.
    return Markup(re.sub(r'<g id="[^"]*"', "<g", svg[svg.index("<svg") :]))


def legend(figure: Any, handles: Mapping[str, Any]) -> None:
    """Add a legend in two columns below the chart."""
    names = [short(name) for name in handles]
    figure.legend(
        *(list(handles.values()), names), loc="outside lower left", ncols=2
    )


def legend_height(names: Iterable[str]) -> float:
    """Return the height of a legend in units."""
    return 14 + 14 * -(-len(list(names)) // 2)


def short(name: str, letters: int = LETTERS) -> str:
    """Shorten a long name in the middle.

    Example:

    >>> short("split, landmarks + task 1", 15)
    'split, … task 1'
    """
    if len(name) <= letters:
        return name
    end = (letters - 1) // 2
    return f"{name[: letters - 1 - end]}…{name[-end:]}"
