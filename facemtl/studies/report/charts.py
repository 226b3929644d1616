"""Charts of how good and how dear the variants of a study are."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from facemtl.studies.report.style import (
    Look,
    legend,
    legend_height,
    name_columns,
)
from facemtl.studies.report.svg import draw

CURVE_END = 10  # % of the box's width
Variants = Sequence[Mapping[str, Any]]


class Axis(NamedTuple):
    """A measure by its key in the results, and in words with its unit."""

    key: str
    title: str


def error_curves(
    variants: Variants, split: str, shown: Mapping[str, Look], title: str
) -> str:
    """The share of faces whose mean error is below a limit, over the limit.

    Args:
        variants: of one group of `results.py`.
        split: `"validation"` or `"test"`.
        shown: the look of each variant.
        title: what the chart shows, for who cannot see it.

    Returns:
        The SVG; empty where no variant has landmarks.
    """
    curves = {v["name"]: v["curve"].get(split) for v in variants}
    curves = {name: curve for name, curve in curves.items() if curve}
    if not curves:
        return ""

    def paint(figure: Any) -> None:
        axes = figure.subplots()
        handles = {}
        for name, curve in curves.items():
            shares = [100 * i / (len(curve) - 1) for i in range(len(curve))]
            (handles[name],) = axes.plot(
                [0, *curve],
                [0, *shares],
                color=shown[name].color,
                linestyle=shown[name].dash,
                linewidth=1.3,
            )
        axes.set(xlim=(0, CURVE_END), ylim=(0, 101))
        axes.set_xlabel("a face’s mean error, % of the box’s width")
        axes.set_ylabel("faces with at most this error, %")
        legend(figure, handles)

    return draw(title, 290 + legend_height(curves), paint)


def cost_chart(
    variants: Variants,
    split: str,
    axis: Axis,
    shown: Mapping[str, Look],
    title: str,
) -> str:
    """A measure against the multiply-adds of one face.

    Args:
        variants, split, shown, title: as of `error_curves`.
        axis: the measure.

    Returns:
        The SVG; empty where no variant has the measure.
    """
    known = [v for v in variants if _score(v, split, axis.key)]
    if not known:
        return ""

    def paint(figure: Any) -> None:
        axes = figure.subplots()
        handles = {}
        places = _beside([v["multiply_adds"] / 1e6 for v in known])
        for variant, place in zip(known, places, strict=True):
            score = variant["scores"][split][axis.key]
            look = shown[variant["name"]]
            handles[variant["name"]] = axes.errorbar(
                place,
                score["mean"],
                yerr=score["std"],
                fmt=look.marker,
                color=look.color,
                markersize=7,
                markeredgecolor="white",
                markeredgewidth=0.6,
                elinewidth=1,
            )
        axes.margins(0.08)
        axes.set_xlim(left=0)
        axes.set_xlabel("multiply-adds a face, millions")
        axes.set_ylabel(axis.title)
        legend(figure, handles)

    names = [variant["name"] for variant in known]
    return draw(title, 240 + legend_height(names), paint)


def group_chart(
    groups: Sequence[Mapping[str, Any]],
    split: str,
    axis: Axis,
    shown: Mapping[str, Look],
    title: str,
) -> str:
    """A measure over the groups of a study, a line a variant.

    Args:
        groups: of `results.py`.
        split, axis, shown, title: as of `cost_chart`.

    Returns:
        The SVG; empty where no variant is in two groups.
    """
    lines: dict[str, list[tuple[int, Mapping[str, Any]]]] = {}
    for i, group in enumerate(groups):
        for variant in group["variants"]:
            score = _score(variant, split, axis.key)
            if score:
                lines.setdefault(variant["name"], []).append((i, score))
    if all(len(line) < 2 for line in lines.values()):
        return ""

    def paint(figure: Any) -> None:
        axes = figure.subplots()
        handles = {}
        for k, (name, line) in enumerate(lines.items()):
            # Beside each other, so that no interval hides another.
            aside = 0.06 * (k - (len(lines) - 1) / 2)
            handles[name] = axes.errorbar(
                [i + aside for i, _ in line],
                [score["mean"] for _, score in line],
                yerr=_errors([score for _, score in line]),
                color=shown[name].color,
                linestyle=shown[name].dash,
                marker=shown[name].marker,
                markersize=4,
                linewidth=1.2,
            )
        name_columns(axes, [group["name"] for group in groups], 14)
        axes.set_xlim(-0.5, len(groups) - 0.5)
        axes.set_ylabel(axis.title)
        legend(figure, handles)

    return draw(title, 260 + legend_height(lines), paint)


def _beside(costs: Sequence[float]) -> list[float]:
    """The same costs, those that are alike moved a little apart."""
    step = 0.014 * max(costs)
    places = []
    for i, cost in enumerate(costs):
        alike = [k for k, x in enumerate(costs) if abs(x - cost) < step]
        places.append(cost + step * (alike.index(i) - (len(alike) - 1) / 2))
    return places


def _score(variant: Mapping[str, Any], split: str, key: str) -> Any:
    return variant["scores"].get(split, {}).get(key)


def _errors(scores: Sequence[Mapping[str, Any]]) -> list[float] | None:
    """The standard deviations; None where there is one seed."""
    if any(score["std"] is None for score in scores):
        return None
    return [score["std"] for score in scores]
