"""The table of the networks that `sources.py` trains."""

from typing import Any

from facemtl.config import load_config
from facemtl.markdown import table

MEAN = "mean of"
FACES = {"all": "", "adults": "no children", "agreed": "no doubted labels"}
COLUMNS = {
    "NME-box, %": ("validation", "landmarks", "mean_error_box"),
    "gender": ("validation", "gender"),
    "smile": ("validation", "smile"),
    "pose": ("validation", "pose"),
    "UTKFace, gender": ("UTKFace", "gender"),
    "from 15 years": ("UTKFace from 15", "gender"),
    "CelebA, gender": ("CelebA", "gender"),
    "smile ": ("CelebA", "smile"),
    "AFLW, NME-io, %": ("test", "landmarks", "mean_error_interocular"),
    "shift-free": ("test", "landmarks", "mean_error_interocular_shift_free"),
    "gender ": ("test", "gender"),
    "smile  ": ("test", "smile"),
    "pose ": ("test", "pose"),
}


def in_words(row: dict[str, Any]) -> str:
    """Return the network of a row, and how its settings differ.

    Example:

    >>> way = dict(way="", preset="tiny", normalized=False, faces="all")
    >>> in_words(way | dict(margin=0.15, size=52))
    'tiny, 52 pixels with a margin of 0.15'
    """
    if row["way"] == MEAN:
        return f"{MEAN} {len(row['members'])} networks"
    size = row["size"] or load_config(row["preset"])["data"]["size"]
    margin = f"{size} pixels with a margin of {row['margin']:g}"
    words = [
        row["preset"],
        "normalized" * row["normalized"],
        FACES[row["faces"]],
        margin * (row["margin"] > 0),
    ]
    return ", ".join(filter(None, words))


def document(content: dict[str, Any]) -> str:
    """Return the table in Markdown."""
    head = ["network", "steps", "share of MORE", *map(str.strip, COLUMNS)]
    rows = [
        [
            in_words(row),
            f"× {row['steps']:g}" if "steps" in row else "–",
            f"{row['share']:.0%}" if row.get("share") else "–",
            *(number(row["scores"], place) for place in COLUMNS.values()),
        ]
        for row in content["runs"]
    ]
    members = content["runs"][-1]["members"]
    return (
        "# MTFL alone, and with MORE\n\n"
        f"`{content['command']}`, {content['machine']}; one seed (of a preset, "
        "× 1, the best of three), two passes, `large` with mirror images, "
        "accuracies in percent. The first four scores are those of MTFL's "
        "1,000 validation faces, the next four those of MORE's validation "
        "part; choices are made by these. Points of MORE are predictions of "
        "`base` and `large` (`presets/more_points.py`). The last row is the "
        f"mean of the predictions of {', '.join(members)}.\n\n"
        f"{table(head, rows)}\n"
    )


def number(scores: dict[str, Any], place: tuple[str, ...]) -> str:
    """Return an error with two decimals, or an accuracy with one."""
    part, task, *key = place
    if key:
        return f"{scores[part][task][key[0]]:.2f}"
    return f"{scores[part]['attributes'][task]['accuracy']:.1f}"
