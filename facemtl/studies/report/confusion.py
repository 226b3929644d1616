"""Which classes are taken for which: shaded tables."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from facemtl.studies.report.markup import figure, scroll, side_by_side

DARK = 0.55  # the shade from which on its text is white

Counts = Mapping[str, Mapping[str, float]]  # {true: {answer: faces}}


def confusion_tables(
    variants: Sequence[Mapping[str, Any]], split: str, task: str
) -> str:
    """The confusion matrices of one task, a variant beside the other.

    Args:
        variants: of one group of `results.py`.
        split: `"validation"` or `"test"`.
        task: the name of a task with classes.

    Returns:
        HTML; empty where no variant answers the task.
    """
    figures = (
        figure(variant["name"], matrix(counts, f"{variant['name']}, {task}"))
        for variant in variants
        if (counts := variant["confusion"].get(split, {}).get(task))
    )
    return side_by_side(figures, "matrices")


def matrix(counts: Counts, title: str) -> str:
    """One matrix: of each true class, how many percent got which answer.

    Args:
        counts: faces of each true class by answer.
        title: for who cannot see it.

    Example:

    >>> "75 %" in matrix({"yes": {"yes": 3, "no": 1}, "no": {}}, "smile")
    True
    """
    answers = list(next(iter(counts.values())))
    heads = "".join(f'<th scope="col">{escape(x)}</th>' for x in answers)
    rows = "".join(
        f'<tr><th scope="row">{escape(true)}</th>{_cells(row, answers)}</tr>'
        for true, row in counts.items()
    )
    head = f"<thead><tr><td>true \\ answer</td>{heads}</tr></thead>"
    content = f'<table class="matrix">{head}<tbody>{rows}</tbody></table>'
    return scroll(title, content)


def _cells(row: Mapping[str, float], answers: Sequence[str]) -> str:
    total = sum(row.values())
    return "".join(_cell(row.get(name, 0), total) for name in answers)


def _cell(count: float, total: float) -> str:
    """Percent of the row over the number of faces, the shade by the first."""
    if not total:
        return "<td>–</td>"
    share = count / total
    ink = "#fff" if share > DARK else "#1a1a1a"
    # From white to the palette's blue.
    red, green, blue = (round(255 - share * (255 - x)) for x in (0, 90, 150))
    return (
        f'<td style="background:rgb({red},{green},{blue});color:{ink}">'
        f"{100 * share:.0f} %<small>{count:.0f}</small></td>"
    )
