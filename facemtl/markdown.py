"""Markdown, as reports and cards write it."""

from collections.abc import Iterable, Sequence


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
