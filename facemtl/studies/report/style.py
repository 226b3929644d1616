"""How charts look: fonts, colors, legends and names that do not collide."""

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WIDTH = 380  # units of every chart; a CSS pixel each at its natural size
LINE = 10.5  # units from one line of a name to the next
SETTINGS = {
    "svg.fonttype": "none",
    "svg.hashsalt": "facemtl",
    "text.parse_math": False,  # a "$" in a name is a dollar
    "font.family": ["sans-serif"],
    # Wider than what browsers draw with, so that nothing overlaps there.
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9.5,
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#555555",
    "axes.linewidth": 0.8,
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": "#e2e2e2",
    "grid.linewidth": 0.7,
    "xtick.color": "#555555",
    "ytick.color": "#555555",
    "xtick.labelcolor": "#222222",
    "ytick.labelcolor": "#222222",
    "ytick.labelsize": 9,
    "xtick.bottom": False,  # there is a grid
    "ytick.left": False,
    "legend.frameon": False,
    "legend.handlelength": 2.2,
    "legend.columnspacing": 1.2,
    "figure.constrained_layout.h_pad": 0.06,
    "figure.constrained_layout.w_pad": 0.06,
    "hatch.linewidth": 0.7,
}
# Okabe and Ito's palette without its yellow, which white paper swallows.
COLORS = (
    *("#0072b2", "#d55e00", "#009e73", "#cc79a7"),
    *("#333333", "#e69f00", "#56b4e9", "#8c6d31"),
)
DASHES = ("-", (0, (5, 2)), (0, (1.2, 1.6)), (0, (6, 2, 1.2, 2)))
HATCHES = ("", "/////", ".....", "xxxxx")
MARKERS = "osD^vPX"
ROW_LETTERS = 22  # of a name at the left, in a line
LEGEND_LETTERS = 28  # the longest line of which two fit beside each other


@dataclass(frozen=True)
class Look:
    """How a variant is drawn, in every chart alike."""

    color: str
    dash: Any
    hatch: str
    marker: str


def looks(names: Iterable[str]) -> dict[str, Look]:
    """A look of its own for each of up to 32 names.

    Example:

    >>> looks(["single", "split"])["split"].color
    '#d55e00'
    """
    return {
        name: Look(
            COLORS[i % len(COLORS)],
            DASHES[i // len(COLORS) % len(DASHES)],
            HATCHES[i // len(COLORS) % len(HATCHES)],
            MARKERS[i % len(MARKERS)],
        )
        for i, name in enumerate(dict.fromkeys(names))
    }


def legend(figure: Any, handles: Mapping[str, Any]) -> None:
    """A legend below everything else, in as many columns as fit."""
    names = [short(name, LEGEND_LETTERS) for name in handles]
    figure.legend(
        list(handles.values()),
        names,
        loc="outside lower left",
        ncols=_columns(names),
        fontsize=9,
    )


def legend_height(names: Iterable[str]) -> float:
    """About how high the legend of some names is, in units."""
    wrapped = [short(name, LEGEND_LETTERS) for name in names]
    lines = 1 + max(name.count("\n") for name in wrapped)
    return 10 + -(-len(wrapped) // _columns(wrapped)) * (3.5 + LINE * lines)


def _columns(names: list[str]) -> int:
    longest = max(len(line) for name in names for line in name.split("\n"))
    return min(int(WIDTH // (5.3 * longest + 32)), len(names))


def row_height(names: Iterable[str], least: float) -> float:
    """How high each row must be for the names at its left."""
    lines = max(short(name, ROW_LETTERS).count("\n") + 1 for name in names)
    return max(least, LINE * lines + 3)


def name_rows(axes: Any, names: Sequence[str]) -> None:
    """Names at the left of an axes' rows 0, 1, …

    A text of several lines would be aligned by matplotlib's font, which is
    not the browser's: here each line is a text of its own.
    """
    axes.set_yticks(range(len(names)), [""] * len(names))
    for at, name in enumerate(names):
        lines = short(name, ROW_LETTERS).split("\n")
        for i, line in enumerate(lines):
            axes.annotate(
                line,
                (0, at),
                xycoords=axes.get_yaxis_transform(),
                xytext=(-4, LINE * ((len(lines) - 1) / 2 - i)),
                textcoords="offset points",
                ha="right",
                va="center_baseline",
                fontsize=9,
                annotation_clip=False,
            )


def name_columns(axes: Any, names: Sequence[str], letters: int) -> None:
    """Names below an axes' places 0, 1, …"""
    axes.set_xticks(range(len(names)), [""] * len(names))
    for at, name in enumerate(names):
        for i, line in enumerate(short(name, letters).split("\n")):
            axes.annotate(
                line,
                (at, 0),
                xycoords=axes.get_xaxis_transform(),
                xytext=(0, -5 - LINE * i),
                textcoords="offset points",
                ha="center",
                va="top",
                fontsize=9,
                annotation_clip=False,
            )


def short(name: str, letters: int) -> str:
    """A name in at most three lines.

    Example:

    >>> short("cross-stitch + exp", 12)
    'cross-stitch\\n+ exp'
    """
    lines = textwrap.wrap(name, letters) or [""]
    if len(lines) > 3:
        lines = lines[:3]
        lines[2] = lines[2][: letters - 1] + "…"
    return "\n".join(lines)
