"""Figures of MTAN and MMoE: what each task has of its own, between the trunk
and its head."""

from collections.abc import Sequence
from typing import Any

from figure import BLUE, GREEN, ORANGE, arrow, box, figure_of, words

FIRST, COLUMN, GAP = 0.5, 1.25, 0.39  # From left to right.
HEAD, TRUNK = 0.5, 0.45  # Between heads; the trunk's row.


def mtan_figure(
    network: Any, stages: Sequence[tuple[str, str]], label: str
) -> str:
    """Draw a trunk, and below it a row of masks for each task.

    Args:
        network: the network.
        stages: the name and the shape of each stage.
        label: what the figure shows, for people who do not see it.
    """
    tasks = [task.name for task in network.tasks]
    rows = [TRUNK + 0.75 + HEAD * i for i in range(len(tasks))]
    width = FIRST + COLUMN * (len(stages) + 1.5) + 0.6

    def paint(axes: Any) -> None:
        _trunk(axes, network, stages, TRUNK)
        # No mask follows conv4: its stage ends with fc.
        places = [i for i, x in enumerate(stages, 1) if x[0] != "conv4"]
        marks = [FIRST + COLUMN * (i + 0.5) for i in places]
        ends = [*(x - 0.13 for x in marks[1:]), width - 0.6 - 0.48]
        for mark, end in zip(marks, ends, strict=True):
            x = mark - COLUMN / 2
            axes.plot([x, x], [TRUNK + 0.25, rows[-1]], c=BLUE, lw=1, zorder=0)
            bend = {"connectionstyle": "arc3,rad=-0.18"}
            bend = bend if mark != marks[-1] else {}
            for row in rows:
                arrow(axes, (x, row), (mark - 0.13, row), BLUE)
                _mark(axes, (mark, row), "×")
                arrow(axes, (mark + 0.13, row), (end, row), ORANGE, **bend)
        _heads(axes, width - 0.6, rows, tasks)

    return figure_of(label, width, rows[-1] + 0.4, paint)


def mmoe_figure(
    network: Any, stages: Sequence[tuple[str, str]], label: str
) -> str:
    """Draw shared convolutions, experts, and a mixture for each task.

    Args: see `mtan_figure`.
    """
    tasks = [task.name for task in network.tasks]
    mixture = network.get_layer("fc")
    units = mixture.output[0].shape[-1]
    height = 0.6 * max(mixture.experts, len(tasks)) + 0.2
    middle = height / 2
    rows = [_row(middle, HEAD, i, len(tasks)) for i in range(len(tasks))]
    fourth = FIRST + COLUMN * (len(stages) + 1)
    width = fourth + COLUMN * 2 + 0.6

    def paint(axes: Any) -> None:
        _trunk(axes, network, stages, middle)
        for i in range(mixture.experts):
            y = _row(middle, 0.6, i, mixture.experts)
            start = (fourth - COLUMN + GAP, middle)
            arrow(axes, start, (fourth - GAP, y), BLUE)
            box(axes, (fourth, y), f"fc {i + 1}\n{units}", GREEN)
            for row in rows:
                end = (fourth + COLUMN - 0.13, row)
                arrow(axes, (fourth + GAP, y), end, GREEN)
        for row in rows:
            _mark(axes, (fourth + COLUMN, row), "g")
            start = (fourth + COLUMN + 0.13, row)
            arrow(axes, start, (width - 1.08, row), ORANGE)
        _heads(axes, width - 0.6, rows, tasks)

    return figure_of(label, width, height, paint)


def _row(middle: float, step: float, i: int, n: int) -> float:
    return middle + step * (i - (n - 1) / 2)


def _trunk(
    axes: Any, network: Any, stages: Sequence[tuple[str, str]], y: float
) -> None:
    size = "×".join(map(str, network.input_shape[1:3]))
    box(axes, (FIRST, y), f"image\n{size}")
    for i, stage in enumerate(stages, start=1):
        x = FIRST + COLUMN * i
        color = BLUE if i > 1 else "#777777"
        arrow(axes, (x - COLUMN + GAP, y), (x - GAP, y), color)
        box(axes, (x, y), "\n".join(stage), BLUE)


def _mark(axes: Any, place: tuple[float, float], text: str) -> None:
    look = {"c": "white", "mec": "#333333", "zorder": 5}
    axes.plot(*place, "o", ms=13, **look)
    words(axes, place, text, zorder=6)


def _heads(
    axes: Any, x: float, rows: Sequence[float], tasks: Sequence[str]
) -> None:
    for row, task in zip(rows, tasks, strict=True):
        box(axes, (x, row), task, ORANGE, (0.95, 0.34))
