"""A hook of MkDocs: Mermaid's graphs as figures, without its script."""

import re
from typing import Any

from figure import BLUE, arrow, box, figure_of
from mkdocs.plugins import event_priority

GRAPH = re.compile(r"^```mermaid\ngraph BT\n(.*?)^```$", re.S | re.M)
EDGE = re.compile(r"^ *([\w.]+) --> ([\w.]+)$", re.M)
COLUMN, ROW, SIZE = 1.3, 0.85, (1.1, 0.4)


@event_priority(-100)  # After the macros, which would read its braces.
def on_page_markdown(markdown: str, **_: Any) -> str:
    """Draw the graphs of a page."""
    return GRAPH.sub(lambda graph: _figure(EDGE.findall(graph[1])), markdown)


def _figure(edges: list[tuple[str, str]]) -> str:
    """Draw who points to whom: each node above all that it points to."""
    places = _places(edges)
    width = COLUMN * (1 + max(x for x, _ in places.values()))
    top = max(level for _, level in places.values())
    height = ROW * (1 + top)

    def at(name: str, side: float = 0) -> tuple[float, float]:
        x, level = places[name]
        return COLUMN * (x + 0.5), ROW * (top - level + 0.5) + side * SIZE[
            1
        ] / 2

    def paint(axes: Any) -> None:
        for start, end in edges:
            arrow(axes, at(start, 1), at(end, -1))
        for name in places:
            box(axes, at(name), name, BLUE, SIZE)

    words = "; ".join(f"{start} to {end}" for start, end in edges)
    return figure_of(f"Arrows lead from {words}.", width, height, paint)


def _places(edges: list[tuple[str, str]]) -> dict[str, tuple[float, int]]:
    """{node: (column, level)}; rows are centred over each other."""
    names = list(dict.fromkeys(x for edge in edges for x in edge[::-1]))
    below = {x: [end for start, end in edges if start == x] for x in names}

    def level(name: str) -> int:
        return 1 + max(map(level, below[name]), default=-1)

    rows: dict[int, list[str]] = {}
    for name in names:
        rows.setdefault(level(name), []).append(name)
    widest = max(map(len, rows.values()))
    return {
        name: ((widest - len(row)) / 2 + i, y)
        for y, row in rows.items()
        for i, name in enumerate(row)
    }
