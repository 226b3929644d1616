"""The figure of the way of the data."""

from typing import Any

from figure import BLUE, GREEN, ORANGE, arrow, box, figure_of, words

COLUMN, SIZE = 1.75, (1.25, 0.62)
TRAINING = (
    ("photos and labels", "MTFL, a CSV, drawn faces"),
    ("Faces", "boxes and points in pixels"),
    ("crops", "S×S, points from 0 to 1"),
    ("batches", "augmented, shuffled"),
    ("network", "a head for each task"),
)
PREDICTION = (
    ("photo", "a file, bytes, an array"),
    ("face boxes", "in pixels"),
    ("crop", "S×S"),
    ("exported network", "TFLite, ONNX, SavedModel"),
    ("Face", "points in the photo's pixels"),
)
STEPS = (
    ("read", "crop", "augment", "fit"),
    ("detect", "crop", "predict", "map back"),
)


def data_figure() -> str:
    """Draw the steps of training above those of prediction."""

    def paint(axes: Any) -> None:
        rows = ((TRAINING, 0.6, BLUE), (PREDICTION, 2.1, ORANGE))
        for (names, y, color), steps in zip(rows, STEPS, strict=True):
            for i, (name, what) in enumerate(names):
                x = 0.7 + COLUMN * i
                box(axes, (x, y - 0.02), name, color, SIZE)
                words(axes, (x, y + 0.44), what, fontsize=6.5, color="#555555")
            for i, step in enumerate(steps):
                x = 0.7 + COLUMN * i + SIZE[0] / 2
                arrow(axes, (x, y), (x + COLUMN - SIZE[0], y), color)
                between = (x + (COLUMN - SIZE[0]) / 2, y - 0.16)
                words(axes, between, step, fontsize=6.5)
        x = 0.7 + COLUMN * 3
        start = (x + COLUMN, 1.2)
        arrow(axes, start, (x, 2.1 - 0.35), GREEN, linestyle="--")
        words(axes, (x + 0.95, 1.55), "export", fontsize=7, ha="left")

    label = (
        "Training: photos and labels are read as Faces, cropped, augmented in "
        "batches, and fitted by the network. The network is exported. "
        "Prediction: faces are detected in a photo, cropped and predicted, "
        "and the points are mapped back to the photo."
    )
    return figure_of(label, 0.7 * 2 + COLUMN * 4, 2.8, paint)
