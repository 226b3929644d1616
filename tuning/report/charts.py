"""Charts of a search's trials."""

from collections.abc import Callable, Sequence
from statistics import quantiles
from typing import Any

from markupsafe import Markup

from facemtl.studies.report.charts import Line, line_chart
from facemtl.studies.report.drawing import MARKERS, draw, short
from facemtl.tuning.report.trials import (
    COSTS,
    Search,
    Trial,
    best_so_far,
    completed,
    count,
    front,
    full,
    most_epochs,
    score_title,
    shown,
)
from facemtl.tuning.report.values import NOT_USED, Scale, scales

FULL = "#0072b2"  # trials of the most epochs
OTHER = "#8a8a8a"  # of fewer epochs
BEST = "#d55e00"
ASIDE = 1.25  # where values stand that are not used
ROW = 36  # units from one axis of the parallel coordinates to the next


def progress_chart(label: str, search: Search) -> Markup:
    """Scores in the order in which the trials ended, and the best so far.

    Args:
        label: as of `draw`.
        search: the content of `search.json`.

    Returns:
        The SVG; empty without a completed trial.
    """
    trials = completed(search)
    most = most_epochs(trials)
    places = {t["id"]: i for i, t in enumerate(trials, 1)}
    lines = points(search, trials, lambda trial: places[trial["id"]])
    known = [(i, x) for i, x in enumerate(best_so_far(trials, most), 1) if x]
    if known:
        x, y = zip(*known, strict=True)
        look = {"color": FULL, "drawstyle": "steps-post"}
        lines.insert(0, Line(f"best so far, {count(most)}", x, y, look))
    titles = ("completed trials", score_title(search))
    return line_chart(label, {"": lines} if lines else {}, titles)


def cost_chart(label: str, search: Search) -> Markup:
    """Each trial's score against its costs, with the fronts as lines."""
    panels = {}
    for cost, (title, unit) in COSTS.items():
        trials = [t for t in shown(search) if t["measures"].get(cost)]
        if not trials:
            continue

        def place(trial: Trial, cost: str = cost, unit: float = unit) -> float:
            return float(trial["measures"][cost] / unit)

        best = front(search, cost)
        look = {"color": BEST, "drawstyle": "steps-post"}
        x, y = [place(t) for t in best], [t["score"] for t in best]
        line = Line("no other is better in both", x, y, look)
        panels[title] = [line, *points(search, trials, place)]
        limit = search["limits"].get(cost)
        if limit:
            look = {"color": "#444444", "linestyle": (0, (4, 3))}
            ends = [t["score"] for t in _near(trials)]
            x, y = [limit / unit] * 2, [min(ends), max(ends)]
            panels[title].append(Line("limit", x, y, look))
    return line_chart(label, panels, ("", score_title(search)))


def value_chart(label: str, search: Search, names: Sequence[str]) -> Markup:
    """Scores of the comparable trials against some hyperparameters."""
    trials = shown(search)
    panels, ticks = {}, {}
    for scale in scales(search, trials):
        if scale.name in names:

            def place(trial: Trial, scale: Scale = scale) -> float:
                return _place(scale, trial)

            panels[scale.label] = points(search, trials, place)
            ticks[scale.label] = _ticks(scale, trials)
    return line_chart(label, panels, ("", "score"), ticks)


def points(
    search: Search, trials: Sequence[Trial], place: Callable[[Trial], float]
) -> list[Line]:
    """Trials at their scores, a marker a number of epochs, and the best.

    Trials far above the others are left out: they would set the scale.
    """
    near, most = _near(trials), most_epochs(trials)
    lines = []
    for i, epochs in enumerate(
        sorted({t["epochs"] for t in near}, reverse=True)
    ):
        some = [t for t in near if t["epochs"] == epochs]
        look = {"color": FULL if epochs == most else OTHER, "linestyle": ""}
        look |= {"marker": MARKERS[i % len(MARKERS)], "markersize": 4}
        lines.append(_dots(count(epochs), some, place, look))
    best = [t for t in near if t["id"] == search["best"]]
    look = {"color": BEST, "linestyle": "", "marker": "*", "markersize": 11}
    return lines + ([_dots("best", best, place, look)] if best else [])


def parallel_chart(label: str, search: Search) -> Markup:
    """Each comparable trial as a line from axis to axis, the best in orange.

    The axes lie, one below the other, and the last is the score: so names and
    values can be read on a phone.
    """
    trials = _near(shown(search))
    if not trials:
        return Markup()
    used = [
        scale
        for scale in scales(search, trials)
        if any(scale.name in trial["values"] for trial in trials)
    ]
    scores = [trial["score"] for trial in trials]
    last = Scale("", "score", (), min(scores), max(scores))

    def paint(figure: Any) -> None:
        axes = figure.subplots()
        axes.axis("off")
        axes.set(xlim=(-0.1, ASIDE + 0.15), ylim=(len(used) + 0.55, -0.35))
        for row, scale in enumerate([*used, last]):
            _paint_axis(axes, row, scale, [] if scale is last else trials)
        for trial in sorted(trials, key=lambda t: -t["score"]):
            end = last.place({"": trial["score"]})
            places = [*(_place(scale, trial) for scale in used), end]
            is_best = trial["id"] == search["best"]
            look = {"color": BEST if is_best else FULL}
            look |= {"alpha": 1 if is_best else 0.8 - 0.7 * (end or 0)}
            axes.plot(places, range(len(places)), lw=1 + is_best, **look)

    return draw(label, ROW * (len(used) + 1) + 24, paint)


def _paint_axis(
    axes: Any, row: int, scale: Scale, trials: Sequence[Trial]
) -> None:
    axes.plot([0, 1], [row, row], color="#777777", linewidth=0.9)
    ticks = _ticks(scale, trials)
    letters = min(12, 45 // len(ticks))
    for place, text in ticks:
        axes.plot([place], [row], "|", color="#777777")
        look = {"textcoords": "offset points", "ha": "center", "fontsize": 8}
        axes.annotate(
            short(text, letters), (place, row), xytext=(0, -15), **look
        )
    look = {"ha": "right", "va": "center_baseline", "annotation_clip": False}
    axes.annotate(short(scale.label), (-0.1, row), **look)


def _ticks(scale: Scale, trials: Sequence[Trial]) -> list[tuple[float, str]]:
    unused = any(scale.name not in trial["values"] for trial in trials)
    return [*scale.ticks(), *([(ASIDE, NOT_USED)] if unused else [])]


def _place(scale: Scale, trial: Trial) -> float:
    place = scale.place(trial["values"])
    if place is None or scale.choices:
        # A little apart, so that trials of one choice can be counted.
        aside = 0.006 * ((trial.get("order") or 0) % 7 - 3)
        return (ASIDE if place is None else place) + aside
    return place


def _near(trials: Sequence[Trial]) -> list[Trial]:
    top = highest(trials) if trials else 0
    return [trial for trial in trials if trial["score"] <= top]


def highest(trials: Sequence[Trial]) -> float:
    """The score from which on a trial is far above the others."""
    scores = [trial["score"] for trial in trials]
    if len(scores) < 4:
        return max(scores)
    low, _, high = quantiles(scores, method="inclusive")
    limit = high + 3 * (high - low)
    return max(score for score in scores if score <= max(limit, low))


def _dots(
    name: str,
    trials: Sequence[Trial],
    place: Callable[[Trial], float],
    look: dict[str, Any],
) -> Line:
    return Line(
        name, [place(t) for t in trials], [t["score"] for t in trials], look
    )
