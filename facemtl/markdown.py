"""Markdown, as reports and cards write it."""

from collections.abc import Iterable, Sequence
from statistics import mean, stdev


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table.

    Example:

    >>> print(table(["task", "%"], [["smile", "88.5"]]))
    | task | % |
    | --- | --- |
    | smile | 88.5 |
    """
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def mean_std(values: Sequence[float], digits: int = 2) -> str:
    """Mean ± standard deviation over seeds; one value alone has none.

    Example:

    >>> mean_std([1.0, 2.0, 3.0]), mean_std([1.0], digits=1)
    ('2.00 ± 1.00', '1.0')
    """
    spread = f" ± {stdev(values):.{digits}f}" if len(values) > 1 else ""
    return f"{mean(values):.{digits}f}{spread}"
