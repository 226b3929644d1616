"""The figure of pixels, boxes, crops, left and right."""

from typing import Any

import numpy as np
from figure import ORANGE

YELLOW, MINT = "#ffe14d", "#5affc4"  # Seen on skin and hair.

FACES, FACE = 9, 8  # The last of so many drawn faces, frontal and smiling.
LABEL = (
    "Three pictures. Pixels: x grows to the right, y downwards, and (0, 0) is "
    "the centre of the first pixel. Photo: a face in its box, with five "
    "numbered points; the left eye is at the left of the picture. Crop: the "
    "same face in 40 by 40 pixels, with points from 0 to 1 of the window."
)


def coordinate_figure() -> str:
    """Draw pixels, a photo with its box and points, and the crop."""
    from facemtl.studies.report.drawing import draw

    svg = draw(LABEL, 250, _paint, 720)
    return (
        f'<div class="chart paper" role="img" aria-label="{LABEL}">{svg}</div>'
    )


def _paint(figure: Any) -> None:
    """Draw the three panels."""
    from facemtl import synthetic_faces
    from facemtl.geometry.crops import crop, square_windows, to_window

    faces = synthetic_faces(FACES, seed=1)
    photo, box = faces.images.read(faces.names[FACE]), faces.boxes[FACE]
    points = faces.labels["landmarks"][FACE]
    window = square_windows(box[None])
    panels = figure.subplots(1, 3)
    for axes in panels:
        axes.grid(False)
    _paint_pixels(panels[0])
    _paint_photo(panels[1], photo, box, points)
    places = to_window(points[None], window)[0]
    _paint_crop(panels[2], crop(photo, window[0], 40), places)


def _paint_pixels(axes: Any) -> None:
    """The corner of a photo, large."""
    axes.imshow(np.full((3, 4), 0.92), cmap="gray", vmin=0, vmax=1)
    for x in range(5):
        axes.axvline(x - 0.5, color="#999999", lw=0.8)
        axes.axhline(x - 0.5, color="#999999", lw=0.8)
    for x, y in ((0, 0), (2, 1)):
        axes.plot(x, y, "o", color=ORANGE, ms=5)
        axes.text(x, y + 0.32, f"({x}, {y})", ha="center", fontsize=8)
    axes.set(xlim=(-0.5, 3.5), ylim=(2.5, -0.5), xlabel="x →", ylabel="← y")
    axes.set(xticks=range(4), yticks=range(3))
    axes.set_title("Pixels: centres are whole numbers", fontsize=8)


def _paint_photo(
    axes: Any, photo: np.ndarray, box: np.ndarray, points: np.ndarray
) -> None:
    """A photo with its box, and points by number."""
    axes.imshow(photo)
    left, top, right, bottom = box
    axes.plot(
        [left, right, right, left, left],
        [top, top, bottom, bottom, top],
        color=MINT,
    )
    axes.text(left, top - 4, "left, top", fontsize=7, color=MINT)
    axes.text(
        right, bottom + 9, "right, bottom", fontsize=7, color=MINT, ha="right"
    )
    for i, (x, y) in enumerate(points, start=1):
        axes.plot(x, y, "o", color=YELLOW, ms=3)
        axes.text(x + 3, y, str(i), fontsize=8, color=YELLOW, weight="bold")
    axes.set_title("Photo: 1 is the left eye, left as you see it", fontsize=8)


def _paint_crop(axes: Any, pixels: np.ndarray, places: np.ndarray) -> None:
    """The crop, with the window's units at its sides."""
    axes.imshow(
        pixels[..., 0], cmap="gray", vmin=0, vmax=255, extent=(0, 1, 1, 0)
    )
    axes.plot(*places.T, "o", color=ORANGE, ms=3)
    axes.set(xticks=(0, 0.5, 1), yticks=(0, 0.5, 1))
    axes.set_title("Crop: points from 0 to 1 of the window", fontsize=8)
