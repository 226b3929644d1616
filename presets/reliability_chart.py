"""The reliability diagram of a preset: its chart, and its part of the card."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import matplotlib as mpl
import matplotlib.figure
import numpy as np

from facemtl.markdown import table

Result = Mapping[str, Any]  # content of a preset's JSON
# The background is white, so that the chart is legible on a dark page.
STYLE = {
    "svg.hashsalt": "facemtl",  # the same file for the same numbers
    "svg.fonttype": "none",
    "font.family": ["DejaVu Sans"],
    "font.size": 8,
    "axes.titlesize": 9,
}
SMALL = 6.5
BLUE, GRAY = "#0072b2", "#777777"
Z = 1.96  # standard deviations on either side of a 95 % interval
WORDS = (
    "Reliability of the shipped file on all {n:,} validation faces, to which "
    "the temperatures were fitted, with two passes: the mean probability of "
    "the predicted class against the share of faces where it is right, for "
    "each of the 15 bins, with 95 % intervals (Wilson). The dashed line is "
    "exact calibration.\n\n"
)
TABLE = (
    "A part of each error is chance. The 95 % interval is a basic bootstrap "
    "over {draws:,} draws of the faces. The last column is the share of draws "
    "with an error at least as large if each prediction were right with "
    "exactly its probability. By `{command}`:\n\n"
)
LARGE = (
    "\n\nWith {passes}, the error of {task} is {error} % ({interval}), above "
    "the goal of {goal} %. Chance alone makes {mean:.1f} % on average, and "
    "{error} % or more in {share} % of the draws with exact probabilities."
)
GOAL = 3  # %, the largest calibration error that a preset should have
PASSES = {"one_pass": "one pass", "two_passes": "two passes"}


def chart_name(name: str) -> str:
    """Return the name of a preset's chart, which lies beside its card."""
    return f"{name}_reliability.svg"


def section(result: Result) -> str:
    """Return the chart and its table in Markdown; empty without numbers."""
    found = result.get("reliability")
    if found is None:
        return ""
    name = result["preset"]
    picture = f"![{alternative(result)}]({chart_name(name)})"
    rows = [
        [task, passes, *_cells(own[key])]
        for task, own in found["attributes"].items()
        for key, passes in PASSES.items()
    ]
    head = ["attribute", "passes", "error, %", "95 % interval"]
    return (
        WORDS.format_map(found)
        + f"{picture}\n\n"
        + TABLE.format_map(found)
        + table([*head, "as large by chance, %"], rows)
        + "".join(_large(found["attributes"]))
    )


def _large(attributes: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for each error that is larger than it should be."""
    for task, own in attributes.items():
        for key, passes in PASSES.items():
            error, interval, share = _cells(own[key])
            if own[key]["calibration_error"] > GOAL:
                yield LARGE.format(
                    task=task,
                    passes=passes,
                    error=error,
                    interval=interval,
                    goal=GOAL,
                    mean=own[key]["by_chance"]["mean"],
                    share=share,
                )


def _cells(scores: Mapping[str, Any]) -> list[str]:
    low, high = scores["interval"]
    return [
        f"{scores['calibration_error']:.1f}",
        f"{low:.1f} … {high:.1f}",
        f"{scores['as_large_by_chance']:.0f}",
    ]


def alternative(result: Result) -> str:
    """Return the alternative text of the chart."""
    attributes = result["reliability"]["attributes"]
    errors = (
        f"{task} {own['two_passes']['calibration_error']:.1f} %"
        for task, own in attributes.items()
    )
    return (
        f"Reliability of {result['preset']}: mean probability against the "
        f"share that is right; calibration errors: {', '.join(errors)}"
    )


def wilson(share: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of the 95 % interval of a share of n, 0 to 1.

    Example:

    >>> low, high = wilson(np.array([0.5]), np.array([100]))
    >>> round(float(low[0]), 3), round(float(high[0]), 3)
    (0.404, 0.596)

    Reference: Wilson, "Probable inference, the law of succession, and
    statistical inference", JASA 1927.
    """
    middle = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    spread = share * (1 - share) / n + Z**2 / (4 * n**2)
    half = Z * np.sqrt(spread) / (1 + Z**2 / n)
    return middle - half, middle + half


def draw(result: Result, file: Path | IO[bytes]) -> None:
    """Draw one panel per attribute as an SVG."""
    with mpl.rc_context(STYLE):
        figure = mpl.figure.Figure(figsize=(7.2, 5.2), layout="constrained")
        panels = figure.subplots(2, 2, sharey=True)
        attributes = result["reliability"]["attributes"]
        for axes, (task, own) in zip(
            panels.flat, attributes.items(), strict=True
        ):
            _panel(axes, task, own["two_passes"])
        figure.supxlabel("mean probability of the predicted class, %")
        figure.supylabel("share that is right, %; number of faces below")
        about = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        about["Title"] = alternative(result)
        figure.savefig(file, format="svg", metadata=about)


def _panel(axes: Any, task: str, scores: Mapping[str, Any]) -> None:
    """Draw the bins of one attribute, with their numbers of faces below."""
    bins = scores["bins"]
    n, x, y = (
        np.array([row[key] for row in bins], float)
        for key in ("n", "probability", "accuracy")
    )
    low, high = wilson(y / 100, n)
    # At 0 and 1, an end may lie beside the share by a rounding error.
    ends = np.clip([y - 100 * low, 100 * high - y], 0, None)
    axes.plot([0, 100], [0, 100], "--", color=GRAY, linewidth=1)
    axes.errorbar(x, y, ends, fmt="o", color=BLUE, markersize=4, capsize=2)
    for row in bins:
        axes.annotate(
            f"{row['n']}",
            (row["probability"], -11),
            ha="center",
            fontsize=SMALL,
            color="#333333",
        )
    axes.set_xlim(min(x.min(), 50) - 4, 103)
    axes.set_ylim(-14, 103)
    axes.set_yticks(range(0, 101, 20))
    axes.grid(alpha=0.3)
    axes.set_title(f"{task}, error {scores['calibration_error']:.1f} %")
