"""The best score so far, trial by trial."""

from collections.abc import Callable, Sequence
from typing import Any

from facemtl.studies.report.style import legend, legend_height
from facemtl.studies.report.svg import draw
from facemtl.tuning.report.points import (
    FULL,
    count,
    paint_points,
    score_label,
)
from facemtl.tuning.report.trials import (
    Search,
    Trial,
    best_so_far,
    completed,
    most_epochs,
)


def progress_chart(search: Search, title: str) -> str:
    """Scores in the order in which the trials ended.

    With trials of fewer epochs, one panel shows all trials and one below it
    only those of the most epochs.

    Args:
        search: the content of `search.json`.
        title: what the chart shows, for who cannot see it.

    Returns:
        The SVG; empty without a completed trial.
    """
    trials = completed(search)
    if not trials:
        return ""
    panels = 1 if len({trial["epochs"] for trial in trials}) == 1 else 2
    names = ["best so far of 99 epochs", "further up", "best", "9 epochs"]
    height = 40 + 150 * panels + legend_height(names)
    return draw(title, height, _paint(search, trials, panels))


def _paint(
    search: Search, trials: Sequence[Trial], panels: int
) -> Callable[[Any], None]:
    most = most_epochs(trials)
    numbers = range(1, len(trials) + 1)

    def paint(figure: Any) -> None:
        column = figure.subplots(panels, 1, sharex=True, squeeze=False)[:, 0]
        handles = paint_points(column[0], numbers, trials, search)
        if panels > 1:
            column[0].set_title("all trials")
            column[1].set_title(f"trials of {count(most)}")
            last = [
                (n, t)
                for n, t in zip(numbers, trials, strict=True)
                if t["epochs"] == most
            ]
            paint_points(
                column[1], [n for n, _ in last], [t for _, t in last], search
            )
        line = _paint_line(column[-1], trials, most)
        for axes in column:
            axes.margins(y=0.12)
            axes.set_xlim(0, len(trials) + 1)
            axes.set_ylabel(score_label(search) if panels == 1 else "score")
        column[-1].set_xlabel("completed trials")
        legend(figure, {f"best so far, {count(most)}": line} | handles)

    return paint


def _paint_line(axes: Any, trials: Sequence[Trial], most: int) -> Any:
    from matplotlib.ticker import MaxNLocator

    least = best_so_far(trials, most)
    known = [(i, x) for i, x in enumerate(least, 1) if x is not None]
    (line,) = axes.step(
        [i for i, _ in known],
        [x for _, x in known],
        where="post",
        color=FULL,
        linewidth=1.4,
    )
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    return line
