"""Charts of how good and how expensive the variants of a study are."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from markupsafe import Markup

from facemtl.studies.report.drawing import (
    Look,
    draw,
    label_end,
    legend,
    legend_height,
    row_names,
    short,
)

COLUMNS = 2
MOST_PANELS = 12  # more points or classes than that become lines
CURVE_END = 10  # % of the box's width
# A verdict's color, marker and what fills it.
VERDICTS = {
    "better": ("#0072b2", "o", "#0072b2"),
    "worse": ("#d55e00", "s", "#d55e00"),
    "no difference shown": ("#666666", "D", "white"),
    "one seed: no claim": ("#666666", "o", "white"),
}


class Bar(NamedTuple):
    """A value, and its standard deviation over the seeds if it is known."""

    value: float
    std: float | None = None


Looks = Mapping[str, Look]
Variants = Sequence[Mapping[str, Any]]
Panels = Mapping[str, Mapping[str, Any]]  # {title: {variant: bar or part}}


def difference_chart(label: str, panels: Panels, unit: str) -> Markup:
    """Differences to baselines with their intervals: a forest plot.

    Args:
        label: as of `draw`.
        panels: {title: {variant: difference, low, high, verdict}}.
        unit: below the chart.
    """
    sizes = [len(panel) for panel in panels.values()]
    if not sizes:
        return Markup()

    def paint(figure: Any) -> None:
        column = figure.subplots(
            len(panels), 1, sharex=True, squeeze=False, height_ratios=sizes
        )[:, 0]
        handles: dict[str, Any] = {}
        for axes, (title, panel) in zip(column, panels.items(), strict=True):
            axes.set_title(short(title, 50))
            axes.axvline(0, color="#444444", linewidth=1)
            for i, part in enumerate(panel.values()):
                handles[part["verdict"]] = _paint_difference(axes, i, part)
            row_names(axes, panel)
        column[-1].set_xlabel(unit)
        legend(
            figure,
            {word: handles[word] for word in VERDICTS if word in handles},
        )

    return draw(label, 15 * sum(sizes) + 32 * len(sizes) + 80, paint)


def _paint_difference(axes: Any, row: int, part: Mapping[str, Any]) -> Any:
    color, marker, fill = VERDICTS[part["verdict"]]
    if part["low"] is not None:
        axes.plot([part["low"], part["high"]], [row, row], color=color)
    (handle,) = axes.plot(
        *(part["difference"], row, marker),
        **{"color": color, "markerfacecolor": fill, "markersize": 5},
    )
    label_end(axes, f"{part['difference']:+.2f}", row)
    return handle


def bar_chart(label: str, panels: Panels, unit: str, shown: Looks) -> Markup:
    """A measure of each landmark or class, variants side by side.

    Args:
        label: as of `draw`.
        panels: {landmark or class: {variant: bar}}; many become lines.
        unit: below the chart.
        shown: the look of each variant.
    """
    names = list(dict.fromkeys(n for bars in panels.values() for n in bars))
    if not names:
        return Markup()
    if len(panels) > MOST_PANELS:
        return _line_chart(label, panels, unit, shown)
    rows = -(-len(panels) // COLUMNS)
    most = max(bar.value for bars in panels.values() for bar in bars.values())

    def paint(figure: Any) -> None:
        grid = figure.subplots(
            rows, COLUMNS, sharex=True, sharey=True, squeeze=False
        ).ravel()
        for axes in grid[len(panels) :]:
            axes.axis("off")
        for axes, (head, bars) in zip(grid, panels.items(), strict=False):
            axes.set_title(short(head, 24))
            row_names(axes, names)
            for name, bar in bars.items():
                row, spread = names.index(name), bar.std or 0
                color = shown[name]["color"]
                axes.barh(row, bar.value, 0.72, color=color, xerr=bar.std)
                label_end(axes, f"{bar.value:.2f}", row, bar.value + spread)
            axes.set_xlim(0, 1.35 * most or 1)
        figure.supxlabel(unit, fontsize=10)

    return draw(label, rows * (len(names) * 14 + 26) + 44, paint)


def _line_chart(label: str, panels: Panels, unit: str, shown: Looks) -> Markup:
    """Many points or classes: one beside the other, a line a variant."""
    heads = list(panels)
    names = list(dict.fromkeys(n for bars in panels.values() for n in bars))

    def paint(figure: Any) -> None:
        axes = figure.subplots()
        handles = {}
        for name in names:
            known = [i for i, head in enumerate(heads) if name in panels[head]]
            values = [panels[heads[i]][name].value for i in known]
            look = {**shown[name], "marker": ""}
            (handles[name],) = axes.plot(known, values, **look)
        step = -(-len(heads) // 25)
        axes.set_xticks(range(0, len(heads), step), heads[::step], rotation=90)
        axes.set_ylim(bottom=0)
        axes.set_ylabel(unit)
        legend(figure, handles)

    return draw(label, 260 + legend_height(names), paint)


def curve_chart(
    label: str, curves: Mapping[str, Sequence[float]], shown: Looks
) -> Markup:
    """The share of faces whose NME-box is below a limit, over the limit.

    Args:
        label, shown: as of `bar_chart`.
        curves: {variant: the errors of 0 %, …, 100 % of the faces}.
    """
    if not curves:
        return Markup()

    def paint(figure: Any) -> None:
        axes = figure.subplots()
        handles = {}
        for name, curve in curves.items():
            shares = [100 * i / (len(curve) - 1) for i in range(len(curve))]
            look = {**shown[name], "marker": ""}
            (handles[name],) = axes.plot([0, *curve], [0, *shares], **look)
        axes.set(xlim=(0, CURVE_END), ylim=(0, 101))
        axes.set_xlabel("NME-box of a face, %")
        axes.set_ylabel("faces with at most this error, %")
        legend(figure, handles)

    return draw(label, 280 + legend_height(curves), paint)


def cost_chart(
    label: str,
    points: Mapping[str, tuple[float, Mapping[str, Any]]],
    unit: str,
    shown: Looks,
) -> Markup:
    """A measure against the multiply-adds of one face.

    Args:
        label, shown: as of `bar_chart`.
        points: {variant: (multiply-adds, mean and std of the measure)}.
        unit: at the left of the chart.
    """
    if not points:
        return Markup()

    def paint(figure: Any) -> None:
        axes = figure.subplots()
        handles = {}
        places = _beside([adds / 1e6 for adds, _ in points.values()])
        for place, (name, (_, score)) in zip(
            places, points.items(), strict=True
        ):
            look = {**shown[name], "linestyle": ""}
            handles[name] = axes.errorbar(
                place, score["mean"], yerr=score["std"], **look
            )
        axes.margins(0.08)
        axes.set_xlim(left=0)
        axes.set_xlabel("multiply-adds a face, millions")
        axes.set_ylabel(unit)
        legend(figure, handles)

    return draw(label, 230 + legend_height(points), paint)


def _beside(costs: Sequence[float]) -> list[float]:
    """The same costs, those that are alike moved a little apart."""
    step = 0.014 * max(costs)
    places = []
    for i, cost in enumerate(costs):
        alike = [k for k, x in enumerate(costs) if abs(x - cost) < step]
        places.append(cost + step * (alike.index(i) - (len(alike) - 1) / 2))
    return places


def group_chart(
    label: str,
    groups: Sequence[str],
    lines: Mapping[str, Sequence[tuple[int, Mapping[str, Any]]]],
    unit: str,
    shown: Looks,
) -> Markup:
    """A measure over the groups of a study, a line a variant.

    Args:
        label, shown: as of `bar_chart`.
        groups: their names.
        lines: {variant: (number of the group, mean and std of the measure)}.
        unit: at the left of the chart.
    """
    if all(len(line) < 2 for line in lines.values()):
        return Markup()

    def paint(figure: Any) -> None:
        axes = figure.subplots()
        handles = {}
        for k, (name, line) in enumerate(lines.items()):
            # Beside each other, so that no interval hides another.
            aside = 0.06 * (k - (len(lines) - 1) / 2)
            handles[name] = axes.errorbar(
                [i + aside for i, _ in line],
                [score["mean"] for _, score in line],
                yerr=[score["std"] or 0 for _, score in line],
                **{**shown[name], "markersize": 4},
            )
        letters = 56 // len(groups)
        axes.set_xticks(range(len(groups)), [short(x, letters) for x in groups])
        axes.set_xlim(-0.5, len(groups) - 0.5)
        axes.set_ylabel(unit)
        legend(figure, handles)

    return draw(label, 250 + legend_height(lines), paint)
