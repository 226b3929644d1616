"""Scores against the values of one hyperparameter."""

from collections.abc import Callable, Sequence
from typing import Any

from facemtl.studies.report.style import legend, legend_height
from facemtl.studies.report.svg import draw
from facemtl.tuning.report.points import paint_points, score_label
from facemtl.tuning.report.trials import Search, Trial, shown
from facemtl.tuning.report.values import NOT_USED, Scale, scales

ASIDE = 1.3  # where values stand that are not used
LETTERS = 60  # that fit below a chart
LONGEST = 12  # letters of one choice


def value_chart(search: Search, name: str, title: str) -> str:
    """A small chart of the comparable trials.

    Args:
        search: the content of `search.json`.
        name: of the hyperparameter.
        title: what the chart shows, for who cannot see it.

    Returns:
        The SVG; empty where no trial has the hyperparameter.
    """
    trials = shown(search)
    scale = next(x for x in scales(search, trials) if x.name == name)
    if not any(name in trial["values"] for trial in trials):
        return ""
    height = 180 + legend_height(["9 epochs", "best", "further up"])
    return draw(title, height, _paint(search, trials, scale))


def _paint(
    search: Search, trials: Sequence[Trial], scale: Scale
) -> Callable[[Any], None]:
    places = [_place(scale, i, trial) for i, trial in enumerate(trials)]
    ticks = scale.ticks()
    if any(scale.name not in trial["values"] for trial in trials):
        ticks = [*ticks, (ASIDE, NOT_USED)]
    letters = min(LONGEST, LETTERS // len(ticks))

    def paint(figure: Any) -> None:
        axes = figure.subplots()
        handles = paint_points(axes, places, trials, search)
        axes.set_xticks(
            [place for place, _ in ticks],
            [_cut(label, letters) for _, label in ticks],
        )
        axes.set_xlim(-0.08, max(place for place, _ in ticks) + 0.08)
        axes.margins(y=0.08)
        axes.set_xlabel(f"{scale.label}{', log' * scale.log}")
        axes.set_ylabel(score_label(search))
        legend(figure, handles)

    return paint


def _place(scale: Scale, number: int, trial: Trial) -> float:
    place = scale.place(trial["values"])
    if place is None or scale.choices:
        # A little apart, so that trials of one choice can be counted.
        aside = 0.008 * (number % 7 - 3)
        return (ASIDE if place is None else place) + aside
    return place


def _cut(label: str, letters: int) -> str:
    return label if len(label) <= letters else label[: letters - 1] + "…"
