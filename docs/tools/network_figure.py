"""Figures of the networks, drawn from the layers of the Keras models."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from figure import BLUE, GREEN, ORANGE, Place, arrow, box, figure_of, words
from task_figure import mmoe_figure, mtan_figure

STREAMS = (BLUE, ORANGE)
FIRST, COLUMN, GAP = 0.5, 1.25, 0.39  # From left to right.
ROW, HEAD = 1.3, 0.5  # Between streams, and between heads.
TASK_FIGURES = {"mtan": mtan_figure, "mmoe": mmoe_figure}


@dataclass(frozen=True)
class Stage:
    """A column of the figure.

    Attributes:
        name: of its layer.
        shape: of what leaves it, such as "18×18×16".
        stitched: whether a cross-stitch unit follows it.
        regularized: whether L_w pulls the weights of its streams together.
    """

    name: str
    shape: str
    stitched: bool
    regularized: bool


def network_figure(configuration: str, label: str) -> str:
    """Draw the network of a configuration, such as `"cross_stitch"`.

    Args:
        configuration: its name.
        label: what the figure shows, for people who do not see it.
    """
    network = _network(configuration)
    if configuration in TASK_FIGURES:
        stages = [(stage.name, stage.shape) for stage in _stages(network)]
        return TASK_FIGURES[configuration](network, stages, label)
    columns, heads = _stages(network), _heads(network)
    streams = 1 + max(heads.values())
    height = max(ROW * streams, HEAD * len(heads)) + 0.3
    # What leaves the last unit goes to the heads from points of its own.
    more = COLUMN / 2 if columns[-1].stitched else 0
    width = FIRST + COLUMN * (len(columns) + 1) + more + 0.6

    def paint(axes: Any) -> None:
        middle = height / 2
        rows = [middle + ROW * (i - (streams - 1) / 2) for i in range(streams)]
        size = "×".join(map(str, network.input_shape[1:3]))
        box(axes, (FIRST, middle), f"image\n{size}")
        for row in rows:
            start = (FIRST + GAP, middle)
            arrow(axes, start, (FIRST + COLUMN - GAP, row))
        for i, stage in enumerate(columns, start=1):
            last = i == len(columns)
            _column(axes, FIRST + COLUMN * i, rows, stage, last)
        end = FIRST + COLUMN * (len(columns) + 1) - GAP
        starts = [(end if more else end - COLUMN + 2 * GAP, y) for y in rows]
        _paint_heads(axes, width - 0.6, starts, heads)

    return figure_of(label, width, height, paint)


@cache
def _network(configuration: str) -> Any:
    """The untrained network of a configuration."""
    from facemtl import MTFL_TASKS, load_settings
    from facemtl.training.preparation import build_network, wanted_tasks

    settings = load_settings(configuration)
    architecture = settings.model.architecture
    return build_network(settings, wanted_tasks(MTFL_TASKS, [], architecture))


def _stages(network: Any) -> list[Stage]:
    """The stages between image and heads: convolutions and dense layers."""
    layers = {layer.name: layer for layer in network.layers}
    stitched = {
        layer.input[0]._keras_history[0].name
        for layer in network.layers
        if type(layer).__name__ == "CrossStitch"
    }
    found = []
    for name, layer in layers.items():
        if f"act_{name}" in layers:
            output = layers[f"act_{name}"].output
            first = output[0] if isinstance(output, list) else output
            found.append(
                Stage(
                    name,
                    "×".join(map(str, first.shape[1:])),
                    f"act_{name}" in stitched,
                    getattr(layer, "weight_regularization", None) is not None,
                )
            )
    return found


def _heads(network: Any) -> dict[str, int]:
    """{task: the stream, from 0, of which its head reads}."""
    streams = {}
    for task, tensor in network.output.items():
        layer, _, index = tensor._keras_history
        while type(layer).__name__ not in ("CrossStitch", "InputLayer"):
            layer, _, index = layer.input._keras_history
        streams[task] = index
    return dict(sorted(streams.items(), key=lambda item: item[1]))


def _column(
    axes: Any, x: float, rows: list[float], stage: Stage, last: bool
) -> None:
    """Draw a stage, and what follows it."""
    for i, row in enumerate(rows):
        box(axes, (x, row), f"{stage.name}\n{stage.shape}", STREAMS[i])
        end = (x + COLUMN - GAP, row)
        if stage.stitched:
            for other in rows:
                arrow(axes, (x + GAP, row), (end[0], other), STREAMS[i])
        elif not last:
            arrow(axes, (x + GAP, row), end, STREAMS[i])
    if stage.stitched:
        middle = sum(rows) / len(rows)
        look = {"c": "white", "mec": "#333333", "zorder": 5}
        axes.plot(x + COLUMN / 2, middle, "o", ms=15, **look)
        words(axes, (x + COLUMN / 2, middle), "α", zorder=6)
    if stage.regularized:
        ends = ((x, rows[0] + 0.27), (x, rows[1] - 0.27))
        arrow(axes, *ends, GREEN, "<|-|>", linestyle="--")
        words(
            axes, (x + 0.16, sum(rows) / 2), "r_w", color=GREEN, style="italic"
        )


def _paint_heads(
    axes: Any, x: float, starts: list[Place], heads: dict[str, int]
) -> None:
    """Draw the heads, each with an arrow from its stream's start."""
    middle = sum(y for _, y in starts) / len(starts)
    for i, (task, stream) in enumerate(heads.items()):
        y = middle + HEAD * (i - (len(heads) - 1) / 2)
        box(axes, (x, y), task, STREAMS[stream], (0.95, 0.34))
        arrow(axes, starts[stream], (x - 0.48, y), STREAMS[stream])
