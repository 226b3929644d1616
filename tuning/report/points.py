"""Trials as points of a chart, with a marker for their epochs."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from facemtl.studies.report.style import MARKERS
from facemtl.tuning.report.trials import Search, Trial, most_epochs

FULL = "#0072b2"  # trials of the most epochs
OTHER = "#8a8a8a"  # of fewer epochs
BEST = "#d55e00"
LONGEST = 36  # letters of a score's name that fit beside a chart


def paint_points(
    axes: Any,
    places: Sequence[float],
    trials: Sequence[Trial],
    search: Search,
) -> dict[str, Any]:
    """Draw each trial at its score, and mark the best.

    Trials far above the others are moved to the upper edge.

    Args:
        axes: of matplotlib.
        places: of the trials, along x.
        trials: with scores.
        search: what the trials are of.

    Returns:
        {text: handle} for a legend.
    """
    top = highest(trials)
    most = most_epochs(trials)
    handles = {}
    numbers = sorted({trial["epochs"] for trial in trials}, reverse=True)
    for i, epochs in enumerate(numbers):
        look = {"color": FULL, "alpha": 0.75, "markersize": 5.5}
        if epochs < most:
            look = {"color": OTHER, "alpha": 0.55, "markersize": 4.5}
        marker = MARKERS[i % len(MARKERS)]
        pairs = _pairs(places, trials, lambda t, e=epochs: t["epochs"] == e)
        kept = [(x, t["score"]) for x, t in pairs if t["score"] <= top]
        handles[count(epochs)] = _dots(axes, kept, marker, **look)
    beyond = [x for x, _ in _pairs(places, trials, lambda t: t["score"] > top)]
    if beyond:
        handles["further up"] = _mark_beyond(axes, beyond)
    return handles | _mark_best(axes, places, trials, search)


def _mark_beyond(axes: Any, places: Sequence[float]) -> Any:
    """Triangles on the upper edge, wherever the scale ends."""
    (handle,) = axes.plot(
        places,
        [1] * len(places),
        marker=6,  # a triangle whose tip is the point
        linestyle="",
        color="#555555",
        markersize=6,
        clip_on=False,
        transform=axes.get_xaxis_transform(),
    )
    return handle


def _mark_best(
    axes: Any, places: Sequence[float], trials: Sequence[Trial], search: Search
) -> dict[str, Any]:
    found = _pairs(places, trials, lambda t: t["id"] == search["best"])
    if not found:
        return {}
    at = [(x, trial["score"]) for x, trial in found]
    return {"best": _dots(axes, at, "*", color=BEST, markersize=11, zorder=4)}


def _pairs(
    places: Sequence[float], trials: Sequence[Trial], is_in: Any
) -> list[tuple[float, Trial]]:
    pairs = zip(places, trials, strict=True)
    return [(place, trial) for place, trial in pairs if is_in(trial)]


def _dots(
    axes: Any, points: Sequence[tuple[float, float]], marker: str, **look: Any
) -> Any:
    (handle,) = axes.plot(
        [x for x, _ in points],
        [y for _, y in points],
        marker=marker,
        linestyle="",
        markeredgewidth=0.5,
        markeredgecolor="white",
        **look,
    )
    return handle


def highest(trials: Sequence[Trial]) -> float:
    """The score from which on a trial is far above the others."""
    scores = [trial["score"] for trial in trials]
    if len(scores) < 4:
        return max(scores)
    low, _, high = statistics.quantiles(scores, method="inclusive")
    limit = high + 3 * (high - low)
    return max(score for score in scores if score <= max(limit, low))


def count(epochs: int) -> str:
    """Such as `1 epoch` or `9 epochs`."""
    return f"{epochs} epoch{'s'[: epochs != 1]}"


def score_label(search: Search) -> str:
    """The score's name for the side of a chart."""
    title = search["objective"]["title"]
    return title if len(title) <= LONGEST else "score (less is better)"


def shades(trials: Sequence[Trial]) -> Mapping[str, Any]:
    """{id: color} from deep blue for the best to yellow-green."""
    from matplotlib import colormaps

    top, low = highest(trials), min(trial["score"] for trial in trials)
    width = (top - low) or 1.0
    map_ = colormaps["viridis"]
    return {
        t["id"]: map_(0.88 * min((t["score"] - low) / width, 1.0))
        for t in trials
    }
