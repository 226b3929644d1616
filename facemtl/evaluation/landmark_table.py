"""The scores of a landmarks task as a table."""

from collections.abc import Mapping
from typing import Any

from facemtl.evaluation.many_points import by_part
from facemtl.evaluation.normalizers import (
    INTEROCULAR,
    error_key,
    failure_key,
    free_key,
    title_of,
)

BOX = {"mean_error_box": "NME-box, %", "failure_rate_box_5": "FR@5 %-box"}
WIDTH = 14  # of a column, unless its title is longer


def landmark_lines(task: str, scores: Mapping[str, Any]) -> list[str]:
    """Return the table of a landmarks task, line by line.

    Args:
        task: its name.
        scores: its scores from `facemtl.evaluation.point_scores`.
    """
    given = scores.get("normalizer")
    name = given["name"] if given else INTEROCULAR
    columns = {
        **BOX,
        **{key: title_of(key) for key in (error_key(name), failure_key(name))},
    }
    columns = {k: v for k, v in columns.items() if k in scores}
    head = "".join(_cell(title, title) for title in columns.values())
    lines = [f"{task:<24}{head}", _row("all", scores, columns)]
    for point, part in by_part(scores["per_landmark"]).items():
        n = f" ({part['n']})" if "n" in part else ""
        lines.append(_row(f"  {point}{n}", part, columns))
    for label, part in scores.get("per_pose", {}).items():
        lines.append(_row(f"  {label} ({part['n']})", part, columns))
    bias = scores["bias_box"]
    lines.append(f"signed bias, % box: x {bias['x']:+.2f}, y {bias['y']:+.2f}")
    if given and error_key(name) in scores:
        lines.append(_explained(given))
    if free_key(name) in scores:
        title = title_of(error_key(name)).removesuffix(", %")
        free = scores[free_key(name)]
        lines.append(
            f"diagnostic: {title} after one constant shift: {free:.2f} %"
        )
    return lines


def _explained(normalizer: Mapping[str, Any]) -> str:
    """Return what a normalizer is, in words."""
    ends = [
        end[0]
        if len(end) == 1
        else f"the mean of {end[0]} … {end[-1]} ({len(end)} points)"
        for end in normalizer["ends"]
    ]
    title = normalizer["name"].replace("_", " ")
    return f"{title}: the distance from {ends[0]} to {ends[1]}"


def _row(
    name: str, scores: Mapping[str, Any], columns: Mapping[str, str]
) -> str:
    cells = [
        _cell(f"{scores[key]:.2f}" if key in scores else "", title)
        for key, title in columns.items()
    ]
    return f"{name:<24}{''.join(cells)}".rstrip()


def _cell(text: str, title: str) -> str:
    width = max(WIDTH, len(title) + 2)
    return f"{text:>{width}}"
