"""Scores of the parts of a face that have many points."""

import re
from collections.abc import Mapping
from typing import Any

# A table of more rows than these is not read.
MOST = 20
NUMBER = re.compile(r"\s*[0-9]+$")


def by_part(
    points: Mapping[str, Mapping[str, Any]],
) -> dict[str, dict[str, float]]:
    """Return the scores of each point, or of each part if there are many.

    The points of a part have the same name, followed by a number. The score of
    a part is the mean over its points.

    Args:
        points: {point: its scores}.

    Returns:
        {point: its scores} for up to 20 points. For more, {part and number of
        its points: the means of its scores}.

    Example:

    >>> points = {f"jaw {i}": {"mean_error_box": i} for i in range(21)}
    >>> by_part(points)
    {'jaw (21 points)': {'mean_error_box': 10.0}}
    """
    if len(points) <= MOST:
        return {name: dict(scores) for name, scores in points.items()}
    parts: dict[str, list[Mapping[str, Any]]] = {}
    for name, scores in points.items():
        parts.setdefault(NUMBER.sub("", name) or name, []).append(scores)
    return {
        f"{part} ({len(rows)} points)" if len(rows) > 1 else part: _mean(rows)
        for part, rows in parts.items()
    }


def _mean(rows: list[Mapping[str, Any]]) -> dict[str, float]:
    """Return the means of all numbers; other entries are left out."""
    keys = [key for key, x in rows[0].items() if isinstance(x, float | int)]
    return {
        key: sum(row[key] for row in rows) / len(rows)
        for key in keys
        if key != "n"  # Numbers of faces are of single points.
    }
