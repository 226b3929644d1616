"""Draw sheets of faces with their labels as PNG files and an HTML page."""

import html
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from facemtl.data.check.seen import Finding, Seen
from facemtl.data.check.sides import left_and_right
from facemtl.files.writing import whole_file, write_whole
from facemtl.geometry.crops import crop, square_windows, to_window
from facemtl.tasks import Task

COLUMNS, ROWS = 10, 6
TILE = 168  # Side of a face's tile in pixels.
AROUND = 0.25  # Margin around the box, in box sides.
MOST_REACH = 3.0  # Largest margin to include points, in box sides.
NUMBERED = 12  # Most points with numbers; more would hide the face.
LINES = 8  # Lines of text below a face.
LETTERS = 34  # Letters per line.
LEFT, RIGHT, OTHER = "#3fa7ff", "#ff9d2e", "#ffe14d"
PAGE = """<!doctype html><meta charset="utf-8"><title>{title}</title>
<style>body {{ font: 15px sans-serif; margin: 2em }} img {{ width: 100% }}
</style><h1>{title}</h1>
<p>Points named left are blue, right orange, others yellow. The box is
white, dashed where it was derived from the points.</p>
{parts}
"""


def draw_sheets(seen: Seen, findings: Sequence[Finding], folder: Path) -> Path:
    """Draw random faces, and the first faces of every finding.

    Args:
        seen: N faces; their photos are read again.
        findings: the findings from `all_findings`.
        folder: the folder for `random.png`, `finding_1.png`, … and
            `index.html`.

    Returns:
        The path of the page.
    """
    folder.mkdir(parents=True, exist_ok=True)
    shown = np.random.default_rng(0).permutation(len(seen))
    sheets = [("random", "Random faces", np.sort(shown[: ROWS * COLUMNS]))]
    sheets += [
        (f"finding_{i}", f"{i}. {finding.text}", np.asarray(finding.faces))
        for i, finding in enumerate(findings, 1)
    ]
    parts = []
    for name, title, index in sheets:
        parts.append(f"<h2>{html.escape(title)}</h2>")
        if len(index):
            _draw_sheet(seen, index[: ROWS * COLUMNS], folder / f"{name}.png")
            parts.append(f'<img src="{name}.png" alt="{name}">')
    page = folder / "index.html"
    title = f"{len(seen):,} faces"
    write_whole(PAGE.format(title=title, parts="\n".join(parts)), page)
    return page


def _draw_sheet(seen: Seen, index: np.ndarray, file: Path) -> None:
    """Draw a PNG of up to 60 faces, ten per row."""
    from matplotlib.figure import Figure

    columns = min(COLUMNS, len(index))
    rows = -(-len(index) // COLUMNS)
    words = [caption(seen, int(i)) for i in index]
    under = 13 * max(text.count("\n") + 1 for text in words) + 8
    width, height = columns * TILE, rows * (TILE + under)
    figure = Figure(figsize=(width / 100, height / 100), dpi=100)
    for k, i in enumerate(index.tolist()):
        top = (k // COLUMNS) * (TILE + under)
        low = 1 - (top + TILE) / height
        place = ((k % COLUMNS) / columns, low, 0.97 / columns, TILE / height)
        axes = figure.add_axes(place)
        axes.axis("off")
        _draw_face(axes, seen, i)
        axes.text(
            *(0, -0.02),
            words[k],
            parse_math=False,  # A dollar sign does not start a formula.
            transform=axes.transAxes,
            va="top",
            fontsize=6.5,
        )
    with whole_file(file) as part:
        figure.savefig(part, format="png")


def _draw_face(axes: Any, seen: Seen, i: int) -> None:
    """Draw the photo around a face, its box and its points."""
    window = _window(seen, i)
    photo = seen.faces.images.read(seen.faces.names[i])
    axes.imshow(crop(photo, window[0], TILE, "rgb"), aspect="auto")
    axes.set(xlim=(-0.5, TILE - 0.5), ylim=(TILE - 0.5, -0.5))
    corners = seen.faces.boxes[i].reshape(1, 2, 2)
    (left, top), (right, bottom) = _on_tile(corners, window)
    axes.plot(
        [left, right, right, left, left],
        [top, top, bottom, bottom, top],
        color="white",
        ls="--" if seen.derived[i] else "-",
        lw=1,
    )
    _draw_points(axes, seen, _on_tile(seen.points[i : i + 1], window))


def _draw_points(axes: Any, seen: Seen, places: np.ndarray) -> None:
    """Draw labelled points (P, 2), colored by side; number them if few."""
    task = seen.landmarks
    if task is None:
        return
    left, right = left_and_right(task)
    few = len(places) <= NUMBERED
    for p in np.flatnonzero(np.isfinite(places).all(axis=1)).tolist():
        color = LEFT if p in left else RIGHT if p in right else OTHER
        axes.plot(
            *places[p],
            "o",
            ms=4 if few else 2.5,
            mfc=color,
            mec="black",
            mew=0.5 if few else 0.3,
        )
        if few:
            axes.annotate(
                str(p + 1),
                places[p],
                (2, 2),
                textcoords="offset points",
                color=color,
                fontsize=6,
            )


def _window(seen: Seen, i: int) -> np.ndarray:
    """Return (1, 3) the square around a face's box and its points.

    Very distant points, such as (0, 0) in a large photo, are ignored, since
    the face would be too small to see.
    """
    box, points = seen.faces.boxes[i], seen.points[i]
    side = (box[2:] - box[:2]).max()
    low, high = box[:2] - AROUND * side, box[2:] + AROUND * side
    near = points[np.isfinite(points).all(axis=1)]
    reach = MOST_REACH * side
    inside = (near > box[:2] - reach) & (near < box[2:] + reach)
    corners = np.concatenate([[low, high], near[inside.all(axis=1)]])
    whole = np.concatenate([corners.min(axis=0), corners.max(axis=0)])
    return square_windows(whole)


def _on_tile(points: np.ndarray, window: np.ndarray) -> np.ndarray:
    """Convert points (1, P, 2) of the photo to (P, 2) pixels of the tile."""
    # Pixel u of the tile lies at (u + 1/2) / TILE of the window.
    return to_window(points, window)[0] * TILE - 0.5


def caption(seen: Seen, i: int) -> str:
    """Return row and split, followed by the classes and values."""
    labels = [
        text
        for task in seen.faces.tasks
        if (text := _label(task, seen.faces.labels[task.name][i]))
    ]
    if len(labels) >= LINES:  # With many attributes, list only those present.
        has = [text for text in labels if not text.endswith(": no")]
        words = ", ".join(text.removesuffix(": yes") for text in has)
        labels = textwrap.wrap(words, LETTERS)
    row = f"{seen.faces.rows[i]} ({seen.splits[i]})"
    if len(row) > LETTERS:  # Without a long file name.
        row = row.rpartition(", ")[2]
    # Longer lines would overlap the next face.
    return "\n".join(
        line if len(line) <= LETTERS else f"{line[: LETTERS - 2]} …"
        for line in (row, *labels)
    )


def _label(task: Task, label: np.ndarray) -> str:
    """Describe a class or value; "" for points and missing labels."""
    if task.kind == "classes" and label >= 0:
        return f"{task.name}: {task.names[int(label)]}"
    if task.kind == "value" and np.isfinite(label):
        return f"{task.name}: {label:.4g}"
    return ""
