"""Parallel coordinates: a line a trial, through all of its values."""

from collections.abc import Callable, Sequence
from typing import Any

from facemtl.studies.report.style import name_rows
from facemtl.studies.report.svg import draw
from facemtl.tuning.report.points import BEST, highest, shades
from facemtl.tuning.report.trials import Search, Trial, shown
from facemtl.tuning.report.values import NOT_USED, Scale, scales

ROW = 36  # units from one axis to the next
ASIDE = 1.25  # where values stand that are not used
LETTERS = 50  # that fit on an axis
LONGEST = 12  # letters of one choice


def parallel_chart(search: Search, title: str) -> str:
    """Each trial as a line from axis to axis, colored by its score.

    The axes lie, one below the other, and the last is the score: so names and
    values can be read on a phone.

    Args:
        search: the content of `search.json`.
        title: what the chart shows, for who cannot see it.

    Returns:
        The SVG; empty without a completed trial.
    """
    trials = shown(search)
    if not trials:
        return ""
    axes = [
        scale
        for scale in scales(search, trials)
        if any(scale.name in trial["values"] for trial in trials)
    ]
    scores = [trial["score"] for trial in trials]
    low, high = min(scores), highest(trials)
    last = Scale("", "score", (), low, high if high > low else low + 1)
    height = ROW * (len(axes) + 1) + 24
    return draw(title, height, _paint(search, trials, [*axes, last]))


def _paint(
    search: Search, trials: Sequence[Trial], rows: Sequence[Scale]
) -> Callable[[Any], None]:
    def paint(figure: Any) -> None:
        axes = figure.subplots()
        axes.axis("off")
        axes.set(xlim=(-0.13, ASIDE + 0.12), ylim=(len(rows) - 0.45, -0.35))
        for i, scale in enumerate(rows):
            used = all(scale.name in t["values"] for t in trials)
            _paint_axis(axes, i, scale, used or i == len(rows) - 1)
        colors = shades(trials)
        # The better, the later: on top of the others.
        for trial in sorted(trials, key=lambda t: -t["score"]):
            is_best = trial["id"] == search["best"]
            axes.plot(
                _line(trial, trials.index(trial), rows),
                range(len(rows)),
                color=BEST if is_best else colors[trial["id"]],
                linewidth=2 if is_best else 0.9,
                alpha=1 if is_best else 0.65,
                zorder=3 if is_best else 2,
            )
        name_rows(axes, [scale.label for scale in rows])

    return paint


def _line(trial: Trial, number: int, rows: Sequence[Scale]) -> list[float]:
    """The line's place on each axis."""
    places = []
    for scale in rows:
        values = trial["values"] if scale.name else {"": trial["score"]}
        place = scale.place(values)
        if place is None or scale.choices:
            # A little apart, so that lines of one choice can be counted.
            place = ASIDE if place is None else place
            place += 0.006 * (number % 7 - 3)
        places.append(place)
    return places


def _paint_axis(axes: Any, at: int, scale: Scale, used: bool) -> None:
    axes.plot([0, 1], [at, at], color="#555555", linewidth=0.9, zorder=1)
    ticks = scale.ticks()
    letters = min(LONGEST, LETTERS // len(ticks))
    for place, label in [*ticks, *([] if used else [(ASIDE, NOT_USED)])]:
        axes.plot([place], [at], "|", color="#555555", markersize=6, zorder=1)
        text = label if len(label) <= letters else label[: letters - 1] + "…"
        axes.annotate(
            text,
            (place, at),
            xytext=(0, -6),
            textcoords="offset points",
            ha="center",
            va="top",
            fontsize=7.5,
            color="#333333",
            zorder=5,
            annotation_clip=False,
            bbox={"color": "white", "alpha": 0.8, "pad": 0.4},
        )
