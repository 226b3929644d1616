"""Charts of a search's trials."""

from collections.abc import Callable, Sequence
from statistics import quantiles
from typing import Any

import numpy as np
from markupsafe import Markup

from facemtl.studies.report.charts import Line, line_chart
from facemtl.studies.report.drawing import MARKERS, short
from facemtl.tuning.report.trials import (
    COSTS,
    Search,
    Trial,
    completed,
    count,
    front,
    most_epochs,
    score_title,
    shown,
)
from facemtl.tuning.report.values import (
    NOT_USED,
    is_number,
    labels,
    places,
    text,
)

FULL = "#0072b2"  # trials of the most epochs
OTHER = "#8a8a8a"  # other trials
BEST = "#d55e00"
STEPS = {"color": BEST, "drawstyle": "steps-post"}
ASIDE = 1.3  # position of unused values


def progress_chart(label: str, search: Search) -> Markup:
    """Draw scores in the order in which trials ended, and the best so far.

    Args:
        label: as in `draw`.
        search: content of `search.json`.

    Returns:
        The SVG; empty without a completed trial.
    """
    trials = completed(search)
    order = {trial["id"]: i for i, trial in enumerate(trials, 1)}
    lines = _points(search, trials, lambda trial: order[trial["id"]])
    last = [t for t in trials if t["epochs"] == most_epochs(trials)]
    least = np.minimum.accumulate([t["score"] for t in last] or [0])
    name = f"best so far, {count(most_epochs(trials))}"
    line = Line(name, [order[t["id"]] for t in last], least, STEPS)
    titles = ("completed trials", score_title(search))
    return line_chart(label, {"": [line, *lines] if last else []}, titles)


def cost_chart(label: str, search: Search) -> Markup:
    """Draw scores against costs, with the Pareto fronts as lines."""
    panels: dict[str, list[Line]] = {}
    for cost, (title, unit) in COSTS.items():

        def place(trial: Trial, cost: str = cost, unit: float = unit) -> float:
            return float(trial["measures"][cost] / unit)

        trials = [t for t in shown(search) if t["measures"].get(cost)]
        best, scores = front(search, cost), [t["score"] for t in _near(trials)]
        x, y = [place(t) for t in best], [t["score"] for t in best]
        lines = [Line("no other is better in both", x, y, STEPS)]
        lines += _points(search, trials, place)
        if search["limits"].get(cost) and trials:
            ends = [search["limits"][cost] / unit] * 2
            look = {"color": "#444444", "linestyle": (0, (4, 3))}
            lines.append(Line("limit", ends, [min(scores), max(scores)], look))
        panels |= {title: lines} if trials else {}
    return line_chart(label, panels, ("", score_title(search)))


def value_chart(label: str, search: Search, names: Sequence[str]) -> Markup:
    """Draw scores of the comparable trials against hyperparameters."""
    space = {one["name"]: one for one in search["space"]}
    panels, ticks = {}, {}
    for name, title in labels(names).items():
        letters = 26 // (1 + len(space[name].get("choices") or (False, True)))

        def place(
            trial: Trial, name: str = name, letters: int = letters
        ) -> Any:
            value = trial["values"].get(name)
            if is_number(space[name]):
                return np.nan if value is None else value
            words = "–" if value is None else text(value)
            return short(words, max(letters, 5))

        panels[title] = _points(search, shown(search), place)
        if space[name].get("log"):
            ends = np.geomspace(space[name]["low"], space[name]["high"], 3)
            ticks[title] = [(x, f"{x:.3g}") for x in ends.tolist()]
    return line_chart(label, panels, ("", "score"), ticks, logs=ticks)


def parallel_chart(label: str, search: Search) -> Markup:
    """Draw each comparable trial as a line through its values.

    The best trial is orange. Each row is a hyperparameter and the last one is
    the score, so that names are readable on a phone.
    """
    trials = sorted(_near(shown(search)), key=lambda t: -t["score"])
    if not trials:
        return Markup()
    scores = np.array([trial["score"] for trial in trials])
    ends = (scores - scores.min()) / (np.ptp(scores) or 1)
    values = np.nan_to_num(places(search, trials), nan=ASIDE)
    names = labels(one["name"] for one in search["space"]).values()
    lines = []
    for trial, row, end in zip(trials, values, ends, strict=True):
        look = {"color": FULL, "alpha": 0.85 - 0.7 * end, "linewidth": 0.9}
        if trial["id"] == search["best"]:
            look = {"color": BEST, "linewidth": 2}
        name = "best" if trial["id"] == search["best"] else "other trials"
        lines.append(Line(name, [*row, end], range(len(row) + 1), look))
    ticks = [(0, "least, first"), (1, "most, last"), (ASIDE, NOT_USED)]
    return line_chart(
        label,
        {"": lines},
        ("", ""),
        {"": ticks},
        height=24 * len(values[0]) + 60,
        yticks=range(len(values[0]) + 1),
        yticklabels=[*map(short, names), "score"],
        ylim=(len(values[0]) + 0.5, -0.5),
    )


def _points(
    search: Search, trials: Sequence[Trial], place: Callable[[Trial], Any]
) -> list[Line]:
    """Return trials at their scores, a marker per number of epochs."""
    near, most = _near(trials), most_epochs(trials)
    lines = []
    for i, epochs in enumerate(
        sorted({t["epochs"] for t in near}, reverse=True)
    ):
        some = [t for t in near if t["epochs"] == epochs]
        look = {"color": FULL if epochs == most else OTHER, "alpha": 0.7}
        look |= {"linestyle": "", "marker": MARKERS[i % len(MARKERS)]}
        x, y = [place(t) for t in some], [t["score"] for t in some]
        lines.append(Line(count(epochs), x, y, {**look, "markersize": 4}))
    look = {"color": BEST, "linestyle": "", "marker": "*", "markersize": 10}
    best = [t for t in near if t["id"] == search["best"]]
    x, y = [place(t) for t in best], [t["score"] for t in best]
    return [*lines, Line("best", x, y, look)] if best else lines


def _near(trials: Sequence[Trial]) -> list[Trial]:
    """Return the trials whose scores are not far above the others."""
    scores = [trial["score"] for trial in trials]
    return [t for t in trials if t["score"] <= highest(scores)]


def highest(scores: Sequence[float]) -> float:
    """Return the limit above which scores are outliers.

    Example:

    >>> highest([2.0, 2.1, 2.2, 2.3, 2.4, 99.0])
    2.4
    """
    if len(scores) < 4:
        return max(scores)
    low, _, high = quantiles(scores, method="inclusive")
    limit = high + 3 * (high - low)
    return max(score for score in scores if score <= max(limit, low))
