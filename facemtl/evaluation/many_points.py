"""Tables and pictures of faces with many points."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from facemtl.geometry.crops import square_windows, to_window

# With more points, tables show the parts of a face, and pictures have small
# dots.
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


def margin_round(points: np.ndarray, boxes: np.ndarray, least: float) -> float:
    """Return the margin of crops that show all points of nine faces in ten.

    Args:
        points: (N, P, 2) in photo pixels; missing points are NaN.
        boxes: (N, 4) left, top, right, bottom in pixels.
        least: the least margin, in sides of the box.

    Example:

    >>> box = np.array([[0.0, 0.0, 10.0, 10.0]])
    >>> margin_round(np.array([[[5.0, 12.0]]]), box, least=0.15)
    0.25
    """
    placed = to_window(points, square_windows(boxes))
    apart = np.nan_to_num(np.abs(placed - 0.5)).max(axis=(1, 2))
    if not len(apart):
        return least
    # A few wrong points must not make all faces small.
    beyond = np.percentile(apart, 90) - 0.5
    return round(float(max(least, beyond + 0.05)), 3)
